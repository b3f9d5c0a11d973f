package views

import "strings"

func (b build) account() []sample {
	t := b.text
	const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
	const safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1"
	account := AccountPage{
		Page: b.page(NavAccount), Email: t("mara.lindqvist@nordlys.example"), LastLogin: Moment(days(-2), now), LastFrom: t("198.51.100.7"),
		Memberships: []Membership{{t("Nordlys Outdoor"), t("nordlys"), "Organization admin"}, {t("Fjellmat"), "fjellmat", "Organization member"}},
		Sessions: []SessionItem{
			{t("s1"), firefox, "198.51.100.7", Moment(days(-2), now), Ago(now, now), true},
			{t("s2"), safari, "203.0.113.9", Moment(days(-9), now), Ago(days(-1), now), false},
			{t("s3"), t("curl/8.5.0"), t("203.0.113.10"), Moment(days(-9), now), Ago(days(-1), now), false},
		},
		Logins: []LoginItem{
			{Moment(days(-2), now), LoginDone, 1, firefox, "198.51.100.7", false},
			{Moment(days(-9), now), LoginDone, 1, safari, "203.0.113.9", true},
			{Moment(days(-10), now), LoginFailed, 1_204, t("python-requests/2.32"), t("2001:db8::7334"), false},
			{Moment(days(-11), now), LoginRefused, 1, "", "", false},
		},
	}
	failed := account
	failed.Form = Form{Errors: map[string]string{"current_password": t("This is not your current password."), "new_password": "At least 15 characters."}}
	alone := account
	alone.Theme, alone.Sessions, alone.Notice = "dark", account.Sessions[:1], Result("sessions")
	long := account
	long.Logins = []LoginItem{{Moment(days(-2), now), LoginDone, 1, t(strings.Repeat("W", 300)), t(strings.Repeat("1", 60)), true}}
	return []sample{
		{"account", Account(account)}, {"account-failed", Account(failed)}, {"account-alone-dark", Account(alone)}, {"account-long", Account(long)},
		{"account-first", Account(AccountPage{Page: b.outside(NavAccount), Email: t("a@b.example")})},
	}
}
