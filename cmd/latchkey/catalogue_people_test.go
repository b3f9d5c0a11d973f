package main

const (
	membersPath  = orgPath + "/members"
	settingsPath = projectPath + "/settings"
	lars         = "lars@nordlys.example"
)

func peoplePages() []page {
	return []page{
		{membersPath, admins, []look{
			{name: "members"},
			{name: "members-alone", with: "org=empty", who: "200 404 404 404"},
			{name: "members-removed", query: "?done=member-removed"},
		}},
		{membersPath + "/invite", admins, []look{
			{name: "invite"},
			{name: "invite-failed", do: []step{send(mainForm, "email=nobody", "role=ORGANIZATION_MEMBER")}, status: 422},
		}},
		{membersPath + "/invitations/:invitation", admins, []look{
			{name: "invitation-pending"},
			{name: "invitation-link", path: membersPath + "/invite", do: []step{send(mainForm, "email=guest{n}@example.com", "role=ORGANIZATION_MEMBER")}},
		}},
		{membersPath + "/:member", admins, []look{
			{name: "member", with: "member=" + lars},
			{name: "member-self", with: "member=" + admin},
			{name: "member-saved", with: "member=new", do: []step{send(mainForm, "role=ORGANIZATION_ADMIN")}},
		}},
		{membersPath + "/:member/remove", admins, []look{
			{name: "member-remove", with: "member=" + lars},
			{name: "member-gone", with: "member=new", do: []step{press("dialog .btn.danger")}, see: "Member removed"},
		}},
		{"/console/invitation", everybody, []look{
			{name: "invitation", by: guest, query: "?token={invited}"},
			{name: "invitation-failed", by: guest, query: "?token={invited}", do: []step{send(mainForm, "password=short")}, status: 422},
			{name: "invitation-wrong-link", query: "?token=wrong", who: "404 404 404 404"},
		}},
		{orgPath + "/settings", admins, []look{
			{name: "organization-settings"},
			{name: "organization-settings-failed", do: []step{send(mainForm, "name=")}, status: 422},
		}},
		{orgPath + "/settings/delete", admins, []look{
			{name: "organization-delete"},
			{name: "organization-delete-empty", with: "org=empty", who: "200 404 404 404"},
			{name: "organization-delete-failed", with: "org=empty", do: []step{send(mainForm, "name=another", "password=wrong")}, status: 422},
		}},
		{settingsPath, readers, []look{
			{name: "project-settings"},
			{name: "project-settings-failed", do: []step{send(mainForm, "name=")}, status: 422},
		}},
		{settingsPath + "/secrets", managers, []look{{name: "project-secrets"}}},
		{settingsPath + "/delete", "200 403 403 404", []look{
			{name: "project-delete"},
			{name: "project-delete-failed", do: []step{send(mainForm, "name=another", "password=wrong")}, status: 422},
		}},
	}
}
