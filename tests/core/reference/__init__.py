"""Numbers and programs from elsewhere that the library is compared with."""
