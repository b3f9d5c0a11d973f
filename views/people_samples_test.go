package views

func (b build) people() []sample {
	t := b.text
	org, project := b.outside(NavMembers), b.page(NavSettings)
	org.Can.ManageMembers, org.Can.ManageOrganization = true, true
	project.Can.ManageProject, project.Can.ManageMembers = true, true
	roles := []ProjectRoleItem{{t("Storefront"), "PROJECT_ADMIN"}, {t("B2B portal"), "PROJECT_VIEWER"}}
	many := append(roles, ProjectRoleItem{"Intranet", "PROJECT_VIEWER"}, ProjectRoleItem{t("Recipes"), "PROJECT_VIEWER"}, ProjectRoleItem{"Docs", "PROJECT_ADMIN"})
	mara := MemberItem{ID: t("u1"), Email: t("mara.lindqvist@nordlys.example"), Role: "ORGANIZATION_ADMIN", Since: Day(days(-280), now), LastLogin: Ago(now, now), Self: true}
	jonas := MemberItem{ID: t("u2"), Email: t("jonas.berg@nordlys.example"), Role: "ORGANIZATION_MEMBER", Projects: roles, Since: Day(days(-90), now), LastLogin: Ago(days(-3), now)}
	gone := MemberItem{ID: "u3", Email: "contractor@agency.example", Role: "ORGANIZATION_MEMBER", Projects: many, Since: Day(days(-30), now), Disabled: true}
	none := MemberItem{ID: "u4", Email: "new@nordlys.example", Role: "ORGANIZATION_MEMBER", Since: Day(days(-1), now)}
	invite := func(state string) InvitationItem {
		return InvitationItem{ID: t("i-" + state), Email: t(state + "@nordlys.example"), Role: "ORGANIZATION_MEMBER", Projects: roles, State: state,
			Issued: Ago(days(-2), now), InvitedBy: t("mara.lindqvist@nordlys.example"), Expires: Day(days(5), now)}
	}
	admin := invite("pending")
	admin.Role, admin.InvitedBy, admin.ID = "ORGANIZATION_ADMIN", "", "i-admin"
	members := MembersPage{Page: org, Items: []MemberItem{mara, jonas, gone, none},
		Invitations: []InvitationItem{invite("pending"), admin, invite("expired"), invite("void"), invite("revoked"), invite("accepted")}}
	reader := MembersPage{Page: b.outside(NavMembers), Items: []MemberItem{mara}}
	choices := []ProjectRoleChoice{{t("p1"), t("Storefront"), "PROJECT_ADMIN"}, {"p2", t("B2B portal"), "PROJECT_VIEWER"}, {"p3", "Intranet", ""}}
	bad := Form{Message: "Some fields need another look.", Errors: map[string]string{"email": t("Somebody with this address is a member already."), "role": "Choose a role.", "password": t("At least 15 characters."), "name": t("Enter a name."), "user": t("No member.")}}
	accept := AcceptPage{Token: t("t0k3n"), Mode: AcceptNew, Email: t("new@nordlys.example"), OrganizationName: t("Nordlys Outdoor"), Role: "ORGANIZATION_MEMBER",
		Projects: roles, InvitedBy: t("mara.lindqvist@nordlys.example"), Expires: Day(days(5), now)}
	login, join, other, failed := accept, accept, accept, accept
	login.Mode, join.Mode, other.Mode, other.SignedIn, failed.Form = AcceptLogin, AcceptJoin, AcceptOther, t("eve@nordlys.example"), bad
	join.Role = "ORGANIZATION_ADMIN"
	settings := ProjectSettingsPage{Page: project, Name: t("Storefront"), Slug: t("nordlys / storefront"), Host: t("host-2376rb"), API: "https://keys.nordlys.example/h/" + t("host-2376rb") + "/api/as/v1/",
		Readable: true, Kept: 3, Candidates: []Candidate{{t("u4"), t("new@nordlys.example")}}, Access: []AccessItem{
			{ID: "u1", Email: t("mara.lindqvist@nordlys.example"), Admin: true, Self: true}, {ID: t("u2"), Email: t("jonas.berg@nordlys.example"), Role: "PROJECT_ADMIN"},
			{ID: "u3", Email: "contractor@agency.example", Role: "PROJECT_VIEWER", Disabled: true}}}
	viewer, wrong := settings, settings
	viewer.Can, viewer.Readable, viewer.Kept, viewer.Candidates = Can{}, false, 0, nil
	full := settings
	full.Candidates = nil
	wrong.Form = bad
	del := DeleteProjectPage{Page: project, Name: t("Storefront"), Email: t("mara@nordlys.example"), Host: t("host-2376rb"), Keys: 12, Engines: 1}
	delWrong := del
	delWrong.Form, delWrong.Typed, delWrong.Keys = bad, t("storefront"), 1
	orgSettings := OrganizationSettingsPage{Page: org, Name: t("Nordlys Outdoor"), Slug: t("nordlys"), Members: 4}
	orgWrong := orgSettings
	orgWrong.Form, orgWrong.Members = bad, 1
	orgDel := DeleteOrganizationPage{Page: org, Name: t("Nordlys Outdoor"), Email: t("mara@nordlys.example"), Members: 4}
	orgDelWrong, orgFull, orgOnly := orgDel, orgDel, orgDel
	orgDelWrong.Form, orgDelWrong.Typed = bad, t("nordlys")
	orgFull.Projects = []Link{{t("Storefront"), DeleteProjectURL("nordlys", t("storefront"))}, {t("Outside"), t("//evil.example")}}
	orgOnly.Only = true
	return []sample{
		{"members", Members(members)}, {"members-reader", Members(reader)},
		{"member", Member(MemberPage{Page: org, Item: jonas, Role: jonas.Role, Choices: choices})},
		{"member-self", Member(MemberPage{Page: org, Item: mara, Role: mara.Role, Choices: choices})},
		{"member-last-admin", Member(MemberPage{Page: org, Item: mara, Role: mara.Role, LastAdmin: true})},
		{"member-failed", Member(MemberPage{Page: org, Form: bad, Item: gone, Choices: choices})},
		{"member-remove", RemoveMember(RemoveMemberPage{Page: org, Behind: &members, Item: jonas})},
		{"member-leave", RemoveMember(RemoveMemberPage{Page: org, Behind: &members, Item: mara})},
		{"member-remove-last-admin", RemoveMember(RemoveMemberPage{Page: org, Item: mara, LastAdmin: true})},
		{"invite", Invite(InvitePage{Page: org, Role: "ORGANIZATION_MEMBER", Projects: choices})},
		{"invite-failed", Invite(InvitePage{Page: org, Form: bad, Email: t("mara"), Projects: choices})},
		{"invite-no-projects", Invite(InvitePage{Page: org, Role: "ORGANIZATION_MEMBER"})},
		{"invitation-link", Invitation(InvitationPage{Page: org, Behind: &members, Item: invite("pending"), Link: "https://keys.nordlys.example/console/invitation?token=" + t("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"), Until: Moment(now, now)})},
		{"invitation", Invitation(InvitationPage{Page: org, Item: invite("pending")})}, {"invitation-admin", Invitation(InvitationPage{Page: org, Item: admin})},
		{"invitation-expired", Invitation(InvitationPage{Page: org, Item: invite("expired")})}, {"invitation-void", Invitation(InvitationPage{Page: org, Item: invite("void")})},
		{"invitation-revoked", Invitation(InvitationPage{Page: org, Item: invite("revoked")})}, {"invitation-accepted", Invitation(InvitationPage{Page: org, Item: invite("accepted")})},
		{"accept-new", Accept(accept)}, {"accept-login", Accept(login)}, {"accept-join", Accept(join)}, {"accept-other", Accept(other)}, {"accept-failed", Accept(failed)},
		{"accept-none", NoInvitation(Page{})},
		{"settings", ProjectSettings(settings)}, {"settings-viewer", ProjectSettings(viewer)}, {"settings-failed", ProjectSettings(wrong)}, {"settings-everybody", ProjectSettings(full)},
		{"readable-on", ReadableSecrets(ReadableSecretsPage{Page: project, Behind: &viewer, On: true})}, {"readable-off", ReadableSecrets(ReadableSecretsPage{Page: project, Behind: &settings, Kept: 3})},
		{"readable-alone", ReadableSecrets(ReadableSecretsPage{Page: project, On: true})},
		{"project-delete", DeleteProject(del)}, {"project-delete-failed", DeleteProject(delWrong)},
		{"organization-settings", OrganizationSettings(orgSettings)}, {"organization-settings-failed", OrganizationSettings(orgWrong)},
		{"organization-delete", DeleteOrganization(orgDel)}, {"organization-delete-failed", DeleteOrganization(orgDelWrong)},
		{"organization-delete-full", DeleteOrganization(orgFull)}, {"organization-delete-only", DeleteOrganization(orgOnly)},
	}
}
