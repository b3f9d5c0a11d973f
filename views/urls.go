package views

import (
	"net/url"
	"strings"
)

// The addresses that depend on nothing.
const (
	SetupURL           = "/console/setup"
	LoginURL           = "/console/login"
	LogoutURL          = "/console/logout"
	ThemeURL           = "/console/theme"
	AccountURL         = "/console/account"
	OrganizationsURL   = "/console/organizations"
	NewOrganizationURL = "/console/organizations/new"
	InstanceURL        = "/console/instance"
)

// LoginNextURL is the login page that returns to a local path afterwards.
func LoginNextURL(next string) string {
	if next == "" {
		return LoginURL
	}
	return LoginURL + "?next=" + url.QueryEscape(next)
}

// OrganizationURL is the page of an organization, which lists its projects.
func OrganizationURL(org string) string { return OrganizationsURL + "/" + url.PathEscape(org) }

// NewProjectURL is the form for a new project of an organization.
func NewProjectURL(org string) string { return OrganizationURL(org) + "/projects/new" }

// MembersURL lists who belongs to an organization.
func MembersURL(org string) string { return OrganizationURL(org) + "/members" }

// OrganizationAuditURL is the audit log of an organization.
func OrganizationAuditURL(org string) string { return OrganizationURL(org) + "/audit" }

// OrganizationSettingsURL is where an organization is renamed and deleted.
func OrganizationSettingsURL(org string) string { return OrganizationURL(org) + "/settings" }

// ProjectURL is the overview of a project, and what every address of it starts with.
func ProjectURL(org, project string) string {
	return OrganizationURL(org) + "/projects/" + url.PathEscape(project)
}

// KeysURL is the credentials dashboard of a project.
func KeysURL(org, project string) string { return ProjectURL(org, project) + "/credentials" }

// SearchKeysURL is where the filter of the dashboard is posted to. It answers with FilteredKeysURL.
func SearchKeysURL(org, project string) string { return KeysURL(org, project) + "/search" }

// FilteredKeysURL is the dashboard with a filter.
func FilteredKeysURL(org, project string, f KeyFilter) string {
	return KeysURL(org, project) + f.query("")
}

// NewKeyURL is the form for a new key.
func NewKeyURL(org, project string) string { return KeysURL(org, project) + "/new" }

// PresetURL is the form for a new key, filled by a preset.
func PresetURL(org, project, preset string) string {
	return NewKeyURL(org, project) + "?preset=" + url.QueryEscape(preset)
}

// DuplicateKeyURL is the form for a new key, filled with what another key is.
func DuplicateKeyURL(org, project, id string) string {
	return NewKeyURL(org, project) + "?from=" + url.QueryEscape(id)
}

// KeySummaryURL answers a form with what the key will be able to do, in sentences.
func KeySummaryURL(org, project string) string { return KeysURL(org, project) + "/summary" }

// FindEnginesURL answers a form with the engines that it looks for.
func FindEnginesURL(org, project string) string { return KeysURL(org, project) + "/engines" }

// KeyURL is the page of a key.
func KeyURL(org, project, id string) string {
	return KeysURL(org, project) + "/" + url.PathEscape(id)
}

// EditKeyURL is the form that changes a key.
func EditKeyURL(org, project, id string) string { return KeyURL(org, project, id) + "/edit" }

// RevokeKeyURL is the page that asks before a key is revoked, and where the answer is posted to.
func RevokeKeyURL(org, project, id string) string { return KeyURL(org, project, id) + "/revoke" }

// SignKeyURL is the form that signs a search key with a key, and where it is posted to.
func SignKeyURL(org, project, id string) string { return KeyURL(org, project, id) + "/sign" }

// DecodeKeyURL is where a pasted signed search key is looked at.
func DecodeKeyURL(org, project string) string { return KeysURL(org, project) + "/decode" }

// RevealKeyURL is the page that shows a new secret.
func RevealKeyURL(org, project, id string) string { return KeyURL(org, project, id) + "/reveal" }

// RevealDoneURL is where "I have stored it" is posted to.
func RevealDoneURL(org, project, id string) string { return RevealKeyURL(org, project, id) + "/done" }

// EnginesURL lists the engines of a project.
func EnginesURL(org, project string) string { return ProjectURL(org, project) + "/engines" }

// NewEngineURL is the form for a new engine.
func NewEngineURL(org, project string) string { return EnginesURL(org, project) + "/new" }

// UsageURL is the usage of a project.
func UsageURL(org, project string) string { return ProjectURL(org, project) + "/usage" }

// AuditURL is the audit log of a project.
func AuditURL(org, project string) string { return ProjectURL(org, project) + "/audit" }

// ProjectSettingsURL is where a project is renamed, set up and deleted.
func ProjectSettingsURL(org, project string) string { return ProjectURL(org, project) + "/settings" }

// The same from a page that has a project in focus. Without one they lead to the list of organizations, which is where
// a project can be chosen.
func (p Page) keysURL() string { return p.inProject(KeysURL) }

func (p Page) searchKeysURL() string { return p.inProject(SearchKeysURL) }

func (p Page) newKeyURL() string { return p.inProject(NewKeyURL) }

func (p Page) summaryURL() string { return p.inProject(KeySummaryURL) }

func (p Page) findEnginesURL() string { return p.inProject(FindEnginesURL) }

func (p Page) presetURL(code string) string { return p.ofKey(code, PresetURL) }

func (p Page) overviewURL() string { return p.inProject(ProjectURL) }

func (p Page) usageURL() string { return p.inProject(UsageURL) }

func (p Page) auditURL() string { return p.inProject(AuditURL) }

func (p Page) projectSettingsURL() string { return p.inProject(ProjectSettingsURL) }

func (p Page) enginesURL() string { return p.inProject(EnginesURL) }

func (p Page) newEngineURL() string { return p.inProject(NewEngineURL) }

func (p Page) inProject(address func(org, project string) string) string {
	if p.Project == nil {
		return OrganizationsURL
	}
	return address(p.Project.OrgSlug, p.Project.ProjectSlug)
}

func (p Page) keyURL(id string) string { return p.ofKey(id, KeyURL) }

func (p Page) duplicateKeyURL(id string) string { return p.ofKey(id, DuplicateKeyURL) }

func (p Page) editKeyURL(id string) string { return p.ofKey(id, EditKeyURL) }

func (p Page) revokeKeyURL(id string) string { return p.ofKey(id, RevokeKeyURL) }

func (p Page) signKeyURL(id string) string { return p.ofKey(id, SignKeyURL) }

func (p Page) decodeKeyURL() string { return p.inProject(DecodeKeyURL) }

func (p Page) revealDoneURL(id string) string { return p.ofKey(id, RevealDoneURL) }

func (p Page) ofKey(id string, address func(org, project, id string) string) string {
	if p.Project == nil {
		return OrganizationsURL
	}
	return address(p.Project.OrgSlug, p.Project.ProjectSlug, id)
}

// reachURL lists the keys that reach an engine.
func (p Page) reachURL(engine string) string {
	return p.keysURL() + KeyFilter{Engine: engine}.query("")
}

// projectsURL is the page of the organization in focus.
func (p Page) projectsURL() string { return p.inOrganization(OrganizationURL) }

func (p Page) newProjectURL() string { return p.inOrganization(NewProjectURL) }

func (p Page) membersURL() string { return p.inOrganization(MembersURL) }

func (p Page) organizationAuditURL() string { return p.inOrganization(OrganizationAuditURL) }

func (p Page) organizationSettingsURL() string { return p.inOrganization(OrganizationSettingsURL) }

func (p Page) inOrganization(address func(org string) string) string {
	if o := p.organization(); o != nil {
		return address(o.Slug)
	}
	return OrganizationsURL
}

// local gives an address that surely stays on this host, or the fallback. Links in notices pass through it, because
// a link that begins with two slashes would lead elsewhere and templ lets it through.
func local(href, fallback string) string {
	if !strings.HasPrefix(href, "/") || strings.HasPrefix(href, "//") || strings.ContainsAny(href, "\\\r\n\t") {
		return fallback
	}
	return href
}
