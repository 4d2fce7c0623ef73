"""Every sentence of the staff pages that is not in a template, whole and with named places."""
