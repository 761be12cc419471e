"""What a session, or weeks of them, look like outside of Palmpace: a page with plots, tables, a file for other apps."""
