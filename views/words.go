package views

// orgName names the organization in focus.
func (p Page) orgName() string {
	if o := p.organization(); o != nil {
		return o.Name
	}
	return "Organization"
}

func (p Page) orgSlug() string {
	if o := p.organization(); o != nil {
		return o.Slug
	}
	return ""
}

func emptyOrganizations(mayCreate bool) string {
	if mayCreate {
		return "An organization is a company or team. It holds projects, and the people who may manage their keys."
	}
	return "You are not a member of any organization. Ask an admin to add you."
}

func emptyProjects(mayCreate bool) string {
	if mayCreate {
		return "A project holds the keys and engines of one site or service."
	}
	return "There is no project here that you may see. Ask an admin of the organization to add you to one."
}

// unprotected warns of a connection that others can read along.
const unprotected = "This connection is not protected: whoever is on the way can read passwords and keys. Put Latchkey behind https."

// pressed is the state of a theme button.
func pressed(p Page, theme string) string {
	if p.theme() == theme {
		return "true"
	}
	return "false"
}

// back is where an error page leads.
func (p ErrorPage) back() Link {
	switch {
	case p.Code == ErrorAddress, p.Code == ErrorRefused:
		return Link{Text: "Go to the console", Href: "/console"}
	case p.User == nil:
		return Link{Text: "Go to sign in", Href: LoginURL}
	case p.Project != nil:
		return Link{Text: "Go to credentials", Href: p.keysURL()}
	}
	return Link{Text: "Go to organizations", Href: OrganizationsURL}
}

func emptyKeys(mayCreate bool) string {
	if mayCreate {
		return "Create a public search key for your site, or a private key for your backend. You can limit each one to certain engines and set when it expires."
	}
	return "Nothing can call this project yet. An admin of the project can create keys."
}

// choice is an entry of a filter.
type choice struct{ value, label string }

// engineChoices are the engines to filter by. One that the filter names stays in the list when it no longer exists.
func (p CredentialsPage) engineChoices() []choice {
	list := []choice{{"", "All engines"}}
	found := p.Filter.Engine == ""
	for _, name := range p.Engines {
		list = append(list, choice{name, name})
		found = found || name == p.Filter.Engine
	}
	if !found {
		list = append(list, choice{p.Filter.Engine, p.Filter.Engine})
	}
	return list
}
