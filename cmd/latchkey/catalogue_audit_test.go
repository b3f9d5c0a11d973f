package main

func auditPages() []page {
	return []page{
		{projectPath + "/audit", "200 200 403 404", []look{
			{name: "audit"},
			{name: "audit-revocations", query: "?action=key.revoke"},
			{name: "audit-filtered", query: "?action=key.*&object=storefront&from=2025-01-01&to=2026-03-01"},
			{name: "audit-nothing", query: "?object=nothing+like+this"},
			{name: "audit-unknown-secret", query: "?done=unknown-secret"},
			{name: "audit-new-project", with: "project=portal", who: "200 404 404 404"},
		}},
		{orgPath + "/audit", "200 403 403 404", []look{
			{name: "audit-organization"},
			{name: "audit-organization-last", query: "?last=30"},
		}},
	}
}
