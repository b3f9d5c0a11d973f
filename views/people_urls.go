package views

import "net/url"

// InvitationURL is the page of an invitation's link, without its token.
const InvitationURL = "/console/invitation"

// InvitationLinkURL is the link of an invitation.
func InvitationLinkURL(token string) string {
	return InvitationURL + "?token=" + url.QueryEscape(token)
}

// InviteURL is the form that invites somebody into an organization.
func InviteURL(org string) string { return MembersURL(org) + "/invite" }

// MemberURL is the page of a member, where their roles are changed.
func MemberURL(org, user string) string { return MembersURL(org) + "/" + url.PathEscape(user) }

// RemoveMemberURL is the page that asks before a member is removed.
func RemoveMemberURL(org, user string) string { return MemberURL(org, user) + "/remove" }

// OneInvitationURL is the page of an invitation for those who manage members.
func OneInvitationURL(org, id string) string {
	return MembersURL(org) + "/invitations/" + url.PathEscape(id)
}

// InvitationDoneURL is where "I have sent it" is posted to.
func InvitationDoneURL(org, id string) string { return OneInvitationURL(org, id) + "/done" }

// RenewInvitationURL is where a new link is asked for.
func RenewInvitationURL(org, id string) string { return OneInvitationURL(org, id) + "/renew" }

// RevokeInvitationURL is where an invitation is ended.
func RevokeInvitationURL(org, id string) string { return OneInvitationURL(org, id) + "/revoke" }

// DeleteOrganizationURL is the page that asks before an organization is deleted.
func DeleteOrganizationURL(org string) string { return OrganizationSettingsURL(org) + "/delete" }

// ProjectAccessURL is where a role in a project is given or taken.
func ProjectAccessURL(org, project string) string {
	return ProjectSettingsURL(org, project) + "/access"
}

// ReadableSecretsURL is the page that asks before readable secrets are turned on or off.
func ReadableSecretsURL(org, project string) string {
	return ProjectSettingsURL(org, project) + "/secrets"
}

// DeleteProjectURL is the page that asks before a project is deleted.
func DeleteProjectURL(org, project string) string {
	return ProjectSettingsURL(org, project) + "/delete"
}

func (p Page) inviteURL() string { return p.inOrganization(InviteURL) }

func (p Page) deleteOrganizationURL() string { return p.inOrganization(DeleteOrganizationURL) }

func (p Page) projectAccessURL() string { return p.inProject(ProjectAccessURL) }

func (p Page) readableSecretsURL() string { return p.inProject(ReadableSecretsURL) }

func (p Page) deleteProjectURL() string { return p.inProject(DeleteProjectURL) }

func (p Page) memberURL(id string) string { return p.ofOrganization(id, MemberURL) }

func (p Page) removeMemberURL(id string) string { return p.ofOrganization(id, RemoveMemberURL) }

func (p Page) oneInvitationURL(id string) string { return p.ofOrganization(id, OneInvitationURL) }

func (p Page) invitationDoneURL(id string) string { return p.ofOrganization(id, InvitationDoneURL) }

func (p Page) renewInvitationURL(id string) string { return p.ofOrganization(id, RenewInvitationURL) }

func (p Page) revokeInvitationURL(id string) string { return p.ofOrganization(id, RevokeInvitationURL) }

func (p Page) ofOrganization(id string, address func(org, id string) string) string {
	if o := p.organization(); o != nil {
		return address(o.Slug, id)
	}
	return OrganizationsURL
}
