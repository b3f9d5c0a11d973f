package permission

// Administers reports whether a principal may look after the instance itself: its users, its health, its storage and
// its backups. It says nothing about any organization: who administers the instance sees no project, no key and no
// document by that.
func Administers(p Principal) bool {
	return p.Kind == System || p.Kind == User && p.InstanceAdmin
}

// Set is what a role may do where it holds.
func (r Role) Set() Set {
	switch r {
	case OrganizationAdmin:
		return Everything
	case ProjectAdmin:
		return Manage
	case ProjectViewer:
		return View
	}
	return 0
}

// Smallest gives the smallest role that holds a permission on a target: to be told to somebody who lacks it.
func Smallest(do Permission, on Target) Role {
	if on.Project != "" {
		for _, r := range []Role{ProjectViewer, ProjectAdmin} {
			if r.Set().Has(do) {
				return r
			}
		}
	}
	return OrganizationAdmin
}
