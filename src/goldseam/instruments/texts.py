"""Texts that depend on the language and on the kind of case."""

from dataclasses import dataclass

from goldseam.exceptions import ParameterError

DEFAULT_VARIANT = "default"


@dataclass(frozen=True)
class Text:
    """One text in every language of a measure.

    Parameters
    ----------
    variants : tuple of (str, str, str)
        Language, kind of case (or ``"default"``), wording. The wording may hold ``{therapist}``, which the
        application replaces by a name, and no other placeholder.
    """

    variants: tuple[tuple[str, str, str], ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages in the order of the file."""
        return tuple(dict.fromkeys(language for language, _, _ in self.variants))

    def resolve(self, language: str, case_kind: str = DEFAULT_VARIANT) -> str:
        """Give the wording for one language and kind of case.

        Parameters
        ----------
        language : str
            One of `languages`; no other language is put in its place.
        case_kind : str
            ``"individual"``, ``"couple"`` or ``"family"``; the default wording serves where there is no own.

        Returns
        -------
        str
            The wording, ``{therapist}`` not yet replaced.

        Raises
        ------
        ParameterError
            If there is no wording in that language.
        """
        wordings = {kind: wording for spoken, kind, wording in self.variants if spoken == language}
        if not wordings:
            raise ParameterError(
                "no text in this language", given=language, allowed=", ".join(self.languages)
            )
        return wordings.get(case_kind, wordings[DEFAULT_VARIANT])
