// Search shows a passage of every page it finds, which a browser reads from a server alone; from the
// file system it shows their titles.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
