"""From separate tables to one study.

Enters: the cleaned tables, the key tables, the readers' decisions on lesion links.
Leaves: tables in one numbering of patients with every reference whole; CT scans grouped into assessments; the baseline
PET scans; each lesion with the scans it was seen on; the query list of all centres.
"""
