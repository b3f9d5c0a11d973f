package appsearch_test

import (
	"strconv"
	"time"

	"latchkey/db/permission"
)

// withUsers is the state "users": an admin and a viewer of the project, and a member without a role in it.
func withUsers(s *stand) {
	s.user("pat", permission.ProjectAdmin)
	s.user("vic", permission.ProjectViewer)
	s.user("mia", "")
}

// withFailures is the state "failed sign-ins": somebody guesses ada's password.
func withFailures(s *stand) {
	for i := range 8 {
		s.clock.Add(time.Minute)
		s.by("ada", strconv.Itoa(i)).Get(as + "/engines")
	}
}
