"""From a hospital's raw files to text.

Enters: the folder of a delivery and an export map, which says what each file and column is called.
Leaves: the seven tables of the study and the key table as text under our column names, every row with its raw file and
line; the register of raw files; rows that are no data, set aside with the reason. Nothing is interpreted here. What a map
may say stands here too: its schema in words, shorthands, units, vocabularies.
"""
