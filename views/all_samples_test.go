package views

// all is every page in every state that looks different.
func (b build) all() []sample {
	var list []sample
	list = append(list, b.entrance()...)
	list = append(list, b.places()...)
	list = append(list, b.people()...)
	list = append(list, b.keys()...)
	list = append(list, b.bulk()...)
	list = append(list, b.signs()...)
	list = append(list, b.engines()...)
	list = append(list, b.overview()...)
	list = append(list, b.forms()...)
	list = append(list, b.audit()...)
	list = append(list, b.instance()...)
	list = append(list, b.usages()...)
	list = append(list, b.account()...)
	return append(list, b.failures()...)
}

func (b build) entrance() []sample {
	t := b.text
	bad := Form{Message: "Some fields need another look.", Errors: map[string]string{"email": "Enter an email address.", "password": t("At least 15 characters.")}}
	return []sample{
		{"setup", Setup(SetupPage{Sample: true})},
		{"setup-failed", Setup(SetupPage{Form: bad, Token: t("t0k3n"), Email: t("mara"), OrganizationName: t("Nordlys"), ProjectName: t("Storefront")})},
		{"setup-link", SetupLink(SetupLinkPage{Command: "latchkey setup-link --data /var/lib/latchkey"})},
		{"setup-waiting", SetupLink(SetupLinkPage{Waiting: true})},
		{"setup-done", SetupLink(SetupLinkPage{Done: true})},
		{"login", Login(LoginPage{Next: t("/console/account")})},
		{"login-failed", Login(LoginPage{
			Page: Page{Unprotected: true},
			Form: Form{Message: "The email or the password is wrong."}, Email: t("mara@nordlys.example"), Next: t("/console"),
		})},
		{"login-dark", Login(LoginPage{Page: Page{Theme: "dark", Notice: &Notice{Kind: NoticeOK, Text: "You are signed out."}}})},
		{"sign-in-again", SignInAgain(SignInAgainPage{Next: t("/console/organizations?a=b&c=d")})},
	}
}

func (b build) places() []sample {
	t := b.text
	taken := Form{Message: "Some fields need another look.", Errors: map[string]string{"name": t("There is one with this name already.")}}
	orgs := OrganizationsPage{Page: b.outside(NavOrganizations), Items: []OrganizationItem{
		{t("Nordlys Outdoor"), t("nordlys"), "Organization admin", 3, true}, {t("Fjellmat"), "fjellmat", "Organization member", 1, false},
	}}
	projects := OrganizationPage{Page: b.outside(NavProjects), Items: []ProjectItem{
		{t("Storefront"), t("storefront"), t("host-2376rb"), 9, 6, 3, Day(days(-280), now)}, {t("B2B portal"), "b2b", "host-9k31zq", 1, 1, 0, Day(days(-20), now)},
	}}
	viewer := b.outside(NavProjects)
	viewer.Can = Can{}
	return []sample{
		{"organizations", Organizations(orgs)},
		{"organizations-empty", Organizations(OrganizationsPage{Page: Page{User: &UserInfo{Email: t("a@b.example")}, Nav: NavOrganizations, Can: Can{CreateOrganization: true}}})},
		{"organizations-none", Organizations(OrganizationsPage{Page: Page{User: &UserInfo{Email: t("a@b.example")}, Nav: NavOrganizations}})},
		{"organization-new", NewOrganization(NewOrganizationPage{Page: b.outside(NavOrganizations)})},
		{"organization-new-failed", NewOrganization(NewOrganizationPage{Page: b.outside(NavOrganizations), Form: taken, Name: t("Nordlys")})},
		{"projects", Organization(projects)},
		{"projects-empty", Organization(OrganizationPage{Page: b.outside(NavProjects)})},
		{"projects-viewer", Organization(OrganizationPage{Page: viewer})},
		{"project-new", NewProject(NewProjectPage{Page: b.outside(NavProjects)})},
		{"project-new-failed", NewProject(NewProjectPage{Page: b.outside(NavProjects), Form: taken, Name: t("Storefront")})},
	}
}

func (b build) keys() []sample {
	t := b.text
	list := b.credentials()
	noticed := b.credentials()
	noticed.Notice = &Notice{Kind: NoticeWarn, Strong: "Two keys expire this week.", Text: t("Replace them before 24 November to avoid rejected requests."), Link: &Link{"Review", KeysURL("nordlys", "storefront") + "?status=expiring"}}
	noticed.Unprotected = true
	filtered := b.credentials()
	filtered.Keys, filtered.Matching, filtered.Older, filtered.Newer = nil, 0, "", ""
	filtered.Filter = KeyFilter{Query: t("nothing"), Engine: t("gone"), Status: "active", Sort: "name", Dir: "desc", Inactive: true}
	asleep := b.credentials()
	asleep.Keys, asleep.Matching, asleep.Older, asleep.Newer = nil, 0, "", ""
	viewer := b.credentials()
	viewer.Can, viewer.Theme = Can{}, "light"
	done := b.credentials()
	done.Theme, done.Notice = "dark", &Notice{Kind: NoticeOK, Strong: t("contractor") + " is revoked.", Text: "Requests with it fail since 14:02:11 UTC.", Link: &Link{"See the receipt", "//evil.example"}}
	revoked := b.details()
	revoked.Status, revoked.CanEdit, revoked.CanRevoke = StatusRevoked, false, false
	revoked.Revoked = &Revocation{At: Moment(days(-1), now), By: t("mara@nordlys.example"), Refused: 3_204, LastRefused: Ago(now, now), LastFrom: "203.0.113.24", LastAgent: t("curl/8"), LastEndpoint: "GET /v1/indices/:index", SignedTokens: true}
	imported := b.details()
	imported.Legacy, imported.Status, imported.History[3].Event = true, StatusLegacy, "import"
	search := b.details()
	search.Type, search.Access, search.AccessNote, search.Secret, search.May = "search", "search", "", "search-6fK3vQ9ZsT1mXy8RbN4wLd72HcJpE5gUa0SkVq1W2e3R4t5Y", []May{{"Search", true, false}}
	unused := KeyDetailsPage{Page: b.page(NavCredentials), ID: "k", Name: t("new"), Visible: "admin-6fK*****0kV", Type: "admin", Access: "admin", Status: StatusActive}
	quiet := b.revoke()
	quiet.Behind, quiet.Hour, quiet.DayCount, quiet.Addresses, quiet.Type, quiet.Covering, quiet.CoveringAll = nil, 0, 0, nil, "admin", nil, 0
	unusedRevoke := quiet
	unusedRevoke.Month, unusedRevoke.LastUsed, unusedRevoke.Type, unusedRevoke.AllEngines = 0, LastUse{}, "search", true
	return []sample{
		{"keys", Credentials(list)}, {"keys-notice", Credentials(noticed)}, {"keys-filtered", Credentials(filtered)}, {"keys-asleep", Credentials(asleep)}, {"keys-viewer", Credentials(viewer)},
		{"keys-done-dark", Credentials(done)}, {"keys-empty", Credentials(CredentialsPage{Page: b.page(NavCredentials)})},
		{"keys-empty-viewer", Credentials(CredentialsPage{Page: viewer.Page})},
		{"key", KeyDetails(b.details())}, {"key-revoked", KeyDetails(revoked)}, {"key-legacy", KeyDetails(imported)}, {"key-search", KeyDetails(search)}, {"key-unused", KeyDetails(unused)},
		{"revoke", KeyRevoke(b.revoke())}, {"revoke-quiet", KeyRevoke(quiet)}, {"revoke-unused", KeyRevoke(unusedRevoke)},
	}
}

func (b build) failures() []sample {
	var list []sample
	for _, status := range []int{403, 404, 405, 409, 413, 422, 429, 500, 503} {
		list = append(list, sample{"error-" + Number(int64(status)), Error(ErrorPage{Page: b.page(NavNone), Status: status, RequestID: "7Q2M"})})
	}
	return append(list,
		sample{"error-role", Error(ErrorPage{Page: b.page(NavNone), Status: 403, Missing: &MissingRole{Role: "PROJECT_ADMIN", Organization: b.text("Nordlys"), Project: b.text("Storefront"), People: []string{b.text("mara@nordlys.example"), "per@nordlys.example"}}})},
		sample{"error-role-alone", Error(ErrorPage{Page: b.outside(NavNone), Status: 403, Missing: &MissingRole{Role: "ORGANIZATION_ADMIN", Organization: b.text("Nordlys")}})},
		sample{"error-role-instance", Error(ErrorPage{Page: b.outside(NavNone), Status: 403, Missing: &MissingRole{Role: RoleInstance}})},
		sample{"error-role-founder", Error(ErrorPage{Page: b.outside(NavNone), Status: 403, Missing: &MissingRole{Role: RoleFounder}})},
		sample{"error-bare", Error(ErrorPage{Status: 404})},
		sample{"error-words", Error(ErrorPage{Page: b.outside(NavNone), Status: 421, Code: ErrorAddress, Text: b.text("This is another name.")})},
		sample{"error-refused", Error(ErrorPage{Page: b.outside(NavNone), Status: 403, Code: ErrorRefused, Text: b.text("Not from there.")})},
		sample{"error-revoked", Error(ErrorPage{Page: b.page(NavNone), Status: 409, Code: ErrorRevoked})},
	)
}
