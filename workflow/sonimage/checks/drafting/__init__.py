"""A first export map for a newcomer to start from, drafted from a folder of raw files.

Enters: a raw folder, word lists (`workflow/vocabularies/`: names of columns, words of levels and of missing values).
Leaves: the text of an export map that loads unedited. What is certain or likely stands as a line with its confidence; what
is doubtful as a commented line with the reason. No value of a patient is written: of a file only its names of columns and
sheets, of a coded column only its codes and words.
"""
