"""What is wrong, whoever finds it: rules, findings, severities, provenance, reports."""
