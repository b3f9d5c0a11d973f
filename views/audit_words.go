package views

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"latchkey/views/ui"
)

// DeletedProject stands for a project whose name is not known any more.
const DeletedProject = "a deleted project"

// deed is an action of the audit log in words: "Ada" did "revoked key" to "Checkout production".
type deed struct {
	icon   ui.Shape
	verb   string // what somebody did, to stand between who did it and what it was done to
	object bool   // whether the name of what it was done to follows
	title  string // for the filter
}

// deeds has every action there is. A test fails for one without words: add them here when you add an action to db/audit.
var deeds = map[string]deed{
	"instance.set_up":     {ui.IconServer, "set up this instance with", true, "Instance set up"},
	"user.create":         {ui.IconUserPlus, "added user", true, "User added"},
	"user.disable":        {ui.IconUserX, "disabled user", true, "User disabled"},
	"user.enable":         {ui.IconAccount, "enabled user", true, "User enabled"},
	"user.password":       {ui.IconLock, "changed the password of", true, "Password changed"},
	"user.login":          {ui.IconLogIn, "signed in", false, "Signed in"},
	"user.logout":         {ui.IconLogOut, "signed out", false, "Signed out"},
	"user.instance_admin": {ui.IconShield, "changed who administers the instance:", true, "Instance admin changed"},
	"session.end":         {ui.IconMonitor, "signed out a browser at", true, "Session ended"},
	"organization.create": {ui.IconBuilding, "created organization", true, "Organization created"},
	"organization.update": {ui.IconPencil, "changed organization", true, "Organization changed"},
	"organization.delete": {ui.IconTrash, "deleted organization", true, "Organization deleted"},
	"member.add":          {ui.IconUserPlus, "added member", true, "Member added"},
	"member.update":       {ui.IconUsers, "changed the role of", true, "Role changed"},
	"member.remove":       {ui.IconUserX, "removed member", true, "Member removed"},
	"invitation.create":   {ui.IconMail, "invited", true, "Invitation sent"},
	"invitation.renew":    {ui.IconMail, "renewed the invitation of", true, "Invitation renewed"},
	"invitation.revoke":   {ui.IconBan, "revoked the invitation of", true, "Invitation revoked"},
	"invitation.accept":   {ui.IconCheckCircle, "accepted the invitation of", true, "Invitation accepted"},
	"project.create":      {ui.IconFolders, "created project", true, "Project created"},
	"project.update":      {ui.IconPencil, "changed project", true, "Project changed"},
	"project.delete":      {ui.IconTrash, "deleted project", true, "Project deleted"},
	"key.create":          {ui.IconPlus, "created key", true, "Key created"},
	"key.import":          {ui.IconDownload, "imported key", true, "Key imported"},
	"key.update":          {ui.IconPencil, "changed key", true, "Key changed"},
	"key.revoke":          {ui.IconBan, "revoked key", true, "Key revoked"},
	"key.sign":            {ui.IconSign, "signed a search key with", true, "Search key signed"},
	"key.reveal":          {ui.IconEye, "read the secret of key", true, "Secret of a key read"},
	"engine.create":       {ui.IconDatabase, "created engine", true, "Engine created"},
	"engine.update":       {ui.IconPencil, "changed engine", true, "Engine changed"},
	"engine.delete":       {ui.IconTrash, "deleted engine", true, "Engine deleted"},
	"search_query.create": {ui.IconSearch, "created search query", true, "Search query created"},
	"search_query.update": {ui.IconPencil, "changed search query", true, "Search query changed"},
	"search_query.delete": {ui.IconTrash, "deleted search query", true, "Search query deleted"},
	"backup.create":       {ui.IconBackup, "made backup", true, "Backup made"},
	"backup.delete":       {ui.IconTrash, "deleted backup", true, "Backup deleted"},
	"backup.restore":      {ui.IconBackup, "restored backup", true, "Backup restored"},
	"audit.export":        {ui.IconDownload, "exported the audit log of", true, "Audit log exported"},

	"synonym_set.create":     {ui.IconSearch, "created synonyms", true, "Synonyms created"},
	"synonym_set.update":     {ui.IconPencil, "changed synonyms", true, "Synonyms changed"},
	"synonym_set.delete":     {ui.IconTrash, "deleted synonyms", true, "Synonyms deleted"},
	"curation.create":        {ui.IconSearch, "created curation", true, "Curation created"},
	"curation.update":        {ui.IconPencil, "changed curation", true, "Curation changed"},
	"curation.delete":        {ui.IconTrash, "deleted curation", true, "Curation deleted"},
	"search_settings.update": {ui.IconPencil, "changed the search settings of", true, "Search settings changed"},
}

// groups are the beginnings that actions share, as the filter offers them.
var groups = map[string]string{
	"key": "keys", "engine": "engines", "search_query": "search queries", "member": "members", "invitation": "invitations",
	"project": "projects", "organization": "organizations", "user": "users", "audit": "the audit log", "instance": "the instance",
	"backup": "backups", "session": "sessions", "synonym_set": "synonyms", "curation": "curations",
	"search_settings": "search settings",
}

// deedOf is an action in words. One that this version does not know is shown as it is.
func deedOf(action string) deed {
	if d, ok := deeds[action]; ok {
		return d
	}
	return deed{ui.IconHistory, action, true, action}
}

func groupOf(action string) string {
	group, _, _ := strings.Cut(action, ".")
	return group
}

// actionChoices are the actions there are to filter by, each group after the choice of the whole of it.
func actionChoices(actions []string, chosen string) []choice {
	if chosen != "" && !strings.HasSuffix(chosen, ".*") && !slices.Contains(actions, chosen) {
		actions = append(slices.Clone(actions), chosen)
	}
	list := []choice{{"", "Any action"}}
	byGroup := map[string][]string{}
	for _, a := range actions {
		byGroup[groupOf(a)] = append(byGroup[groupOf(a)], a)
	}
	if group, ok := strings.CutSuffix(chosen, ".*"); ok && byGroup[group] == nil {
		byGroup[group] = []string{}
	}
	var order []string
	for group := range byGroup {
		order = append(order, group)
	}
	slices.SortFunc(order, func(a, b string) int { return strings.Compare(groupTitle(a), groupTitle(b)) })
	for _, group := range order {
		if len(byGroup[group]) != 1 || chosen == group+".*" {
			list = append(list, choice{group + ".*", "Everything about " + groupTitle(group)})
		}
		slices.SortFunc(byGroup[group], func(a, b string) int { return strings.Compare(deedOf(a).title, deedOf(b).title) })
		for _, a := range byGroup[group] {
			list = append(list, choice{a, deedOf(a).title})
		}
	}
	return list
}

func groupTitle(group string) string {
	if title, ok := groups[group]; ok {
		return title
	}
	return group
}

// fields are the names of what was changed, where the name that the history has would not do.
var fields = map[string]string{
	"user_agent": "Browser", "type": "Type", "status": "Status", "debug_mode": "Debug mode", "until": "Before", "readable_secrets": "Readable secrets",
	"instance_admin": "Instance admin", "expires": "Expires", "expires_at": "Expires",
}

// changeOf is a difference as the history has it, in words.
func changeOf(c Change) Change {
	name, ok := fields[c.Field]
	if !ok {
		name = capital(strings.ReplaceAll(c.Field, "_", " "))
	}
	return Change{Field: name, From: changed(c.Field, c.From), To: changed(c.Field, c.To)}
}

// changed is one side of a difference. What only programs would write is put into words; everything else stays.
func changed(field, value string) string {
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return DateTime(at)
	}
	switch {
	case field == "action" && strings.HasSuffix(value, ".*"):
		return "Everything about " + groupTitle(strings.TrimSuffix(value, ".*"))
	case field == "action":
		return deedOf(value).title
	case field == "role":
		return RoleLabel(value)
	case field == "access":
		return AccessLabel(value)
	case field == "user_agent":
		return Browser(value)
	case field == "engines" && value == "all":
		return "All engines"
	case field == "permissions" && value == "":
		return "as the access says"
	case value == "true":
		return "yes"
	case value == "false":
		return "no"
	}
	return value
}

// aboutChain says what the head of the chain is for.
const aboutChain = "Every event is sealed together with the one before it, so an event that is changed, moved or taken out shows. " +
	"Events cut off at the end leave no trace in the database: note the number and the head somewhere else now and then, and compare them with what the command prints."

// about stands under the title.
func (p AuditPage) about() string {
	if p.Project != nil {
		return "Who did what in " + isolate(p.place()) + ", when and from where. Nothing in it can be changed or taken out."
	}
	return "Who did what in " + isolate(p.place()) + " and all of its projects, when and from where. Nothing in it can be changed or taken out."
}

// exported says what an export will hold.
func (p AuditPage) exported() string {
	if p.Filter.restricted() {
		return "Keep what the filter finds, on every page of it. The export is written down here too."
	}
	return "Keep the whole log as a file. The export is written down here too."
}

// pairs are the parts of the filter that say something, to be posted along. In a form the action is called did: a field
// called action would hide from scripts where the form is sent to.
func (f AuditFilter) pairs() [][2]string {
	var list [][2]string
	q, _ := url.ParseQuery(strings.TrimPrefix(f.query(), "?"))
	for _, name := range []string{"actor", "action", "object", "from", "to", "last"} {
		if q.Has(name) {
			list = append(list, [2]string{strings.Replace(name, "action", "did", 1), q.Get(name)})
		}
	}
	return list
}

// nothing says that no event is found, as far as was looked.
func (p AuditPage) nothing() string {
	if p.Reached.Text != "" {
		return "No event matches so far. There are older ones to look through."
	}
	return "No events match."
}

func (p AuditPage) searched() string {
	if p.Newer != "" && p.Older == "" {
		return "Looked through events up to"
	}
	return "Looked through events back to"
}

// older is the way on, which is also the way to go on searching.
func (p AuditPage) older() string {
	if p.Reached.Text != "" {
		return "Look further back"
	}
	return "Older"
}

// short is the line under the sentence.
func (e AuditEvent) short() string {
	var parts []string
	if by := e.by(); by != "" {
		parts = append(parts, capital(by))
	}
	if e.Address != "" {
		parts = append(parts, e.Address)
	}
	if n := int64(len(e.Changes)); n > 0 {
		parts = append(parts, Count(n, "change", "changes"))
	}
	if len(parts) == 0 {
		return "Details"
	}
	return strings.Join(parts, " · ")
}
