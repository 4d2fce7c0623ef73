"""Settings, addresses, the server's entry and the checks that guard them."""
