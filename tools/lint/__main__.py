"""`python -m tools.lint`: print what breaks the rules of the house."""

from tools.lint import check_project

findings = check_project()
for finding in findings:
    print(finding)
raise SystemExit(1 if findings else 0)
