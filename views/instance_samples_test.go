package views

import (
	"testing"
	"time"
)

func (b build) instance() []sample {
	t := b.text
	frame := b.outside(NavInstance)
	frame.Organization, frame.Can = nil, Can{Administer: true, CreateOrganization: true}
	calm := InstancePage{
		Page: frame, Organizations: 4, Projects: 11, Users: 38, Keys: 214, Engines: 26, Documents: 1_248_310,
		Check: JobView{State: "done", At: Moment(days(-1), now)}, Version: "1.4.0", Go: "go1.26.8", Started: Moment(days(-1), now), Uptime: "1 day",
		Address: t("https://keys.nordlys.example"), CoreSchema: 8, EnginesSchema: 8, Core: "48 MB", CoreLog: "4.1 MB", EnginesSize: "1.9 GB", EnginesLog: "0 bytes",
		Backups: "5.8 GB", Free: "212 GB", FreePercent: "43% of 494 GB",
	}
	troubled := calm
	troubled.Warnings = []string{"damaged", "plain_http", "low_space", "clock_behind", "no_backup", "old_backup"}
	troubled.Check = JobView{State: "failed", At: Ago(now.Add(-time.Minute), now), Failure: t("latchkey.db: the file is damaged: row 3 missing from index ti")}
	troubled.Audit, troubled.AuditEvents, troubled.AuditHead, troubled.AuditBroken = JobView{State: "done", At: Ago(now, now)}, 41_208, t("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"), 4711
	troubled.MasterKeyInside, troubled.Address = true, ""
	running := calm
	running.Check, running.Audit = JobView{State: "running", At: Ago(now, now)}, JobView{State: "running", At: Ago(now, now)}
	whole := calm
	whole.Audit, whole.AuditEvents, whole.AuditHead = JobView{State: "done", At: Ago(now, now)}, 41_208, "9f86d081884c7d659a2feaa0c55ad015"
	list := []InstanceUser{
		{ID: t("u1"), Email: t("mara.lindqvist@nordlys.example"), Organizations: []Membership{{Organization: t("Nordlys Outdoor"), Role: "Organization admin"}, {Organization: "Fjellmat", Role: "Organization member"}},
			LastLogin: Ago(days(-2), now), LastFrom: t("198.51.100.7"), Created: Day(days(-280), now), InstanceAdmin: true, Self: true},
		{ID: "u2", Email: "ops@nordlys.example", InstanceAdmin: true, Created: Day(days(-3), now)},
		{ID: "u3", Email: "left@nordlys.example", Organizations: []Membership{{Organization: t("Nordlys Outdoor"), Role: "Organization member"}}, LastLogin: Ago(days(-90), now), Created: Day(days(-280), now), Disabled: Day(days(-60), now)},
		{ID: "u4", Email: "per@fjellmat.example", Organizations: []Membership{{Organization: "Fjellmat", Role: "Organization admin"}}, LastLogin: Ago(now, now), Created: Day(days(-28), now)},
	}
	refused := Form{Message: "An organization needs at least one admin who can sign in. Make somebody else an admin first."}
	backups := BackupsPage{Page: frame, Folder: t("/var/lib/latchkey/backups"), Job: JobView{State: "done", At: Moment(now, now)}, Made: "latchkey-20261121T140200Z", Items: []BackupItem{
		{"latchkey-20261121T140200Z", Moment(now, now), "1.9 GB", true}, {"latchkey-20261114T140200Z", Moment(days(-7), now), "1.9 GB", true}, {"latchkey-20261107T140200Z", When{}, "0 bytes", false},
	}}
	failed, making := backups, backups
	failed.Job = JobView{State: "failed", At: Moment(now, now), Failure: t("there is not enough room for a backup in /var/lib/latchkey/backups: it needs 2011 MB, 480 MB are free")}
	making.Job = JobView{State: "running", At: Moment(now.Add(-time.Minute), now)}
	return []sample{
		{"instance", Instance(calm)}, {"instance-troubled", Instance(troubled)}, {"instance-running", Instance(running)}, {"instance-verified", Instance(whole)},
		{"instance-users", InstanceUsers(InstanceUsersPage{Page: frame, Items: list, First: true, Older: t("u")})},
		{"instance-users-next", InstanceUsers(InstanceUsersPage{Page: frame, Items: list[1:], Text: t("nordlys")})},
		{"instance-users-none", InstanceUsers(InstanceUsersPage{Page: frame, Text: t("nobody"), First: true})},
		{"instance-user", InstanceUserDetails(InstanceUserPage{Page: frame, User: list[0]})}, {"instance-user-none", InstanceUserDetails(InstanceUserPage{Page: frame, User: list[1]})},
		{"instance-user-disabled", InstanceUserDetails(InstanceUserPage{Page: frame, User: list[2]})}, {"instance-user-plain", InstanceUserDetails(InstanceUserPage{Page: frame, User: list[3]})},
		{"instance-user-disable", InstanceAsk(InstanceAskPage{Page: frame, Ask: AskDisable, User: list[3]})},
		{"instance-user-disable-refused", InstanceAsk(InstanceAskPage{Page: frame, Form: refused, Ask: AskDisable, User: list[3]})},
		{"instance-user-give", InstanceAsk(InstanceAskPage{Page: frame, Ask: AskGive, User: list[3]})}, {"instance-user-take", InstanceAsk(InstanceAskPage{Page: frame, Ask: AskTake, User: list[1]})},
		{"backups", Backups(backups)}, {"backups-failed", Backups(failed)}, {"backups-running", Backups(making)}, {"backups-empty", Backups(BackupsPage{Page: frame, Folder: "/data/backups"})},
		{"backup-delete", DeleteBackup(DeleteBackupPage{Page: frame, Item: backups.Items[1]})}, {"backup-delete-last", DeleteBackup(DeleteBackupPage{Page: frame, Item: backups.Items[0], Last: true})},
	}
}

func TestUptime(t *testing.T) {
	for d, want := range map[time.Duration]string{
		30 * time.Second: "1 min", 5 * time.Hour: "5 h", 27 * time.Hour: "1 day, 3 h", 24 * time.Hour: "1 day", 100 * 24 * time.Hour: "100 days",
	} {
		if got := Uptime(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// The filter of users survives its address, whatever was typed.
func TestFilteredUsersURL(t *testing.T) {
	for _, c := range [][3]string{{"", "", InstanceUsersURL}, {"a&b=c", "", InstanceUsersURL + "?q=a%26b%3Dc"}, {"", "x@y", InstanceUsersURL + "?after=x%40y"}} {
		if got := FilteredUsersURL(c[0], c[1]); got != c[2] {
			t.Errorf("%q, want %q", got, c[2])
		}
	}
}
