package views

import (
	"strings"
	"time"
)

// instanceWarning is a warning about the instance: what is wrong, what to do, and where.
func instanceWarning(code string) Notice {
	switch code {
	case "damaged":
		return Notice{Kind: NoticeBad, Strong: "A check has found damage.", Text: "Stop the server, keep the data directory as it is, and restore the newest backup into an empty one.",
			Link: &Link{"See backups", InstanceBackupsURL}}
	case "plain_http":
		return Notice{Kind: NoticeBad, Strong: "The address begins with http.", Text: "Whoever is on the way can read passwords and keys. Put Latchkey behind https and set --url."}
	case "low_space":
		return Notice{Kind: NoticeWarn, Strong: "There is little room left.", Text: "The next backup may not fit. Delete old backups, or give the volume more room.", Link: &Link{"See backups", InstanceBackupsURL}}
	case "clock_behind":
		return Notice{Kind: NoticeWarn, Strong: "The clock may be wrong.", Text: "The audit log holds events from the future. Check the time of this machine: keys expire by it."}
	case "no_backup":
		return Notice{Kind: NoticeWarn, Strong: "There is no backup yet.", Text: "If the disk fails now, everything is lost.", Link: &Link{"Back up", InstanceBackupsURL}}
	case "old_backup":
		return Notice{Kind: NoticeWarn, Strong: "The newest backup is older than a week.", Text: "What happened since would be lost with the disk.", Link: &Link{"Back up", InstanceBackupsURL}}
	}
	return Notice{Kind: NoticeWarn, Text: code}
}

// Uptime says how long something has run, "3 days, 4 h" or "12 min".
func Uptime(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d < 30*day && d%day >= time.Hour {
		return span(d) + ", " + span(d%day)
	}
	return span(d)
}

func (p InstancePage) masterKey() string {
	if p.MasterKeyInside {
		return "In the data directory, beside the databases. Whoever copies the whole directory has both; backups made here never hold it."
	}
	return "In a file of its own, outside the data directory."
}

// checkWords says what came of reading the databases for damage.
func checkWords(j JobView) (status, label string) {
	switch j.State {
	case "running":
		return StatusExpiring, "Running"
	case "done":
		return StatusActive, "No damage"
	case "failed":
		return StatusRevoked, "Damaged"
	}
	return StatusUnused, "Not checked"
}

// auditWords says what came of following the chain of the audit log.
func (p InstancePage) auditWords() (status, label string) {
	switch {
	case p.Audit.State == "done" && p.AuditBroken != 0:
		return StatusRevoked, "Event " + Number(p.AuditBroken) + " does not fit"
	case p.Audit.State == "done":
		return StatusActive, "Complete"
	case p.Audit.State == "failed":
		return StatusRevoked, "Could not be read"
	}
	return checkWords(p.Audit)
}

// state is what stands beside a user.
func (u InstanceUser) state() (status, label string) {
	switch {
	case u.Disabled.Text != "":
		return StatusRevoked, "Disabled"
	case u.LastLogin.Text == "":
		return StatusUnused, "Never signed in"
	}
	return StatusActive, "Active"
}

// memberships is a user's organizations on one line.
func (u InstanceUser) memberships() string {
	names := make([]string, len(u.Organizations))
	for i, m := range u.Organizations {
		names[i] = isolate(m.Organization)
	}
	return strings.Join(names, ", ")
}

// question is what the confirm page of a user says.
func (p InstanceAskPage) question() (title, text, keep, do string) {
	switch p.Ask {
	case AskGive:
		return "Make an instance admin", "They can see and disable every user, make and delete backups, and make others instance admins. They see no organization by it, and no key.",
			"Keep as is", "Make instance admin"
	case AskTake:
		return "Take instance admin away", "They can no longer look after users, storage and backups. Their roles in organizations stay.", "Keep instance admin", "Take it away"
	}
	return "Disable user", "They are signed out everywhere at once and cannot sign in. Keys that they made keep working: revoke those in the projects.", "Keep user", "Disable user"
}

func (p InstanceAskPage) action() string {
	if p.Ask == AskDisable {
		return DisableUserURL(p.User.ID)
	}
	return InstanceAdminURL(p.User.ID)
}

// backupNotice is how far the present or the last backup is, or nil.
func (p BackupsPage) backupNotice() *Notice {
	switch p.Job.State {
	case "running":
		return &Notice{Kind: "", Strong: "A backup is being made.", Text: "It began " + p.Job.At.Note + ". Everything goes on meanwhile. Reload this page to see how far it is.", Link: &Link{"Reload", InstanceBackupsURL}}
	case "failed":
		return &Notice{Kind: NoticeBad, Strong: "The last backup failed.", Text: p.Job.Failure}
	case "done":
		return &Notice{Kind: NoticeOK, Strong: "Backup made and verified.", Text: p.Made}
	}
	return nil
}

// restoreCommand is how to bring a backup back.
func (p BackupsPage) restoreCommand() string {
	name := "latchkey-…"
	if len(p.Items) > 0 {
		name = p.Items[0].Name
	}
	return "latchkey restore --from " + p.Folder + "/" + name + " --data ./restored --master-key-file master.key"
}
