package main

// auditPages are the audit logs, and what the account page has beside the password.
func auditPages() []page {
	const (
		project      = projectPath + "/audit"
		organization = orgPath + "/audit"
		search       = `main form[role="search"]`
	)
	return []page{
		{project, managers, []look{
			{name: "audit", see: "Audit log"},
			{name: "audit-open", do: []step{toggle(".trail details summary")}, see: "Seal"},
			{name: "audit-one-key", query: "?object={key}"},
			{name: "audit-filtered", query: "?actor=system&action=key.%2A&from=2020-01-01&to=2099-01-01"},
			{name: "audit-revocations", query: "?action=key.revoke"},
			{name: "audit-today", query: "?last=1"},
			{name: "audit-nothing-found", query: "?object=nothing+like+this", see: "No events match"},
			{name: "audit-search", do: []step{send(search, "object=storefront")}},
			{name: "audit-unknown-secret", query: "?done=unknown-secret", see: "No such key here"},
			{name: "audit-new-project", with: "project=portal", who: "200 404 404 404"},
		}},
		{organization, admins, []look{
			{name: "audit-organization", see: "all of its projects"},
			{name: "audit-organization-members", query: "?action=member.%2A"},
			{name: "audit-organization-right-to-left", with: "org=متجر الشمال", who: "200 404 404 404"},
		}},
	}
}

// accountLooks are the states of the account page that are about sessions and sign-ins.
func accountLooks() []look {
	return []look{
		{name: "account-session-ended", query: "?done=session", see: "Signed out there"},
		{name: "account-sessions-ended", query: "?done=sessions", see: "Signed out everywhere else"},
	}
}
