"""The SQL of the reports: `staging` reads the raw tables, `reporting` holds one SELECT a report,
`checks` the SELECTs that return what must not be, `seeds` the tables that come with the project."""
