"""What the pages print, section by section, as text: no code of the library runs here."""
