"""A report as a file for people and for other programs.

`export.py` reads the report and puts the file in its place; `formats.py` and `spreadsheet.py` write
it; `formulas.py` keeps spreadsheets from running texts; `crm.py` names columns as a CRM's import
expects them; `privacy.py` says what may leave the warehouse, and `small_groups.py` pools groups.
"""
