"""How the files of a folder are laid out: format, encoding, delimiter, sheet, header line; each as a table of text."""
