"""What somebody does with mouse and keyboard, counted: how many clicks a way takes, and how many fields are typed."""

from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page


@dataclass
class Tally:
    """Clicks and typed fields of everybody who walks a way together."""

    clicks: int = 0
    fields: int = 0


@dataclass
class CountedHand:
    """One browser. Its pages are reached as people reach them: by a link on a page, in a mail or in a code.

    A click is a press on a button or a link, a box that is ticked, a choice from a list, and an address that is opened
    from outside. A field is one into which something is typed; it is reached by the Tab key.
    """

    page: Page
    tally: Tally = field(default_factory=Tally)

    def opens(self, address: str) -> None:
        """Open an address from a terminal, a mail or a code."""
        self.tally.clicks += 1
        self.page.goto(address)

    def clicks(self, target: Locator) -> None:
        self.tally.clicks += 1
        target.click()

    def button(self, name: str) -> None:
        self.clicks(self.page.get_by_role("button", name=name).first)

    def link(self, name: str) -> None:
        self.clicks(self.page.get_by_role("main").get_by_role("link", name=name).first)

    def ticks(self, selector: str) -> None:
        """Tick a box or take a choice; one that is chosen already takes no click."""
        target = self.page.locator(selector)
        if not target.is_checked():
            self.tally.clicks += 1
            target.check()

    def chooses(self, name: str, **what: str) -> None:
        self.tally.clicks += 1
        self.page.select_option(f"[name={name}]", **what)

    def types(self, **values: str) -> None:
        """Fill in fields by their names."""
        for name, value in values.items():
            self.tally.fields += 1
            self.page.fill(f"[name='{name}']", value)
