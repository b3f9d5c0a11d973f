package main

const (
	instancePath = "/console/instance"
	userPath     = instancePath + "/users/:user"
	// instanceOnly is for those who look after the instance.
	instanceOnly = "200 403 403 403"
)

func instancePages() []page {
	return []page{
		{instancePath, instanceOnly, []look{
			{name: "instance"},
			{name: "instance-checking", do: []step{press(`form[action$="/instance/check"] button`)}},
			{name: "instance-verifying", do: []step{press(`form[action$="/instance/audit"] button`)}},
		}},
		{instancePath + "/users", instanceOnly, []look{
			{name: "instance-users"},
			{name: "instance-users-nothing", do: []step{send(`main form[role="search"]`, "q=nothing like this")}},
			{name: "instance-users-search", do: []step{send(`main form[role="search"]`, "q=nordlys")}},
		}},
		{userPath, instanceOnly, []look{
			{name: "instance-user", with: "user=" + manager},
			{name: "instance-user-self", with: "user=" + admin},
			{name: "instance-user-long-name", with: "user=an-unusually-long-address-for-the-warehouse-system@contractors.nordlys.example"},
			{name: "instance-user-missing", path: instancePath + "/users/00000000-0000-4000-8000-000000000000", who: "404 403 403 403"},
		}},
		{userPath + "/disable", instanceOnly, []look{
			{name: "instance-user-disable", with: "user=" + manager},
			{name: "instance-user-disabled", with: "user=new", do: []step{press("dialog .btn.danger")}},
		}},
		{userPath + "/admin", instanceOnly, []look{
			{name: "instance-user-admin", with: "user=" + manager},
			{name: "instance-admin-made", with: "user=new", do: []step{press("dialog .btn.primary")}},
		}},
		{instancePath + "/backups", instanceOnly, []look{
			{name: "backups"},
			{name: "backup-begun", do: []step{press(`main form[action$="/backups"] button`)}},
		}},
		{instancePath + "/backups/:backup/delete", instanceOnly, []look{{name: "backup-delete"}}},
	}
}
