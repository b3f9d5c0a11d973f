package console

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"latchkey/db/credential"
	"latchkey/db/engine"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/secret"
	"latchkey/views"
)

// resources is what custom access can be made of: a row for each resource that a key can have. What the visitor may
// not give is there with the reason.
func resources(grantable permission.Set, chosen []string) []views.PermissionRow {
	var rows []views.PermissionRow
	for _, info := range permission.All() {
		if !info.Custom {
			continue
		}
		name := views.ResourceName(info.Permission.Resource())
		if len(rows) == 0 || rows[len(rows)-1].Name != name {
			rows = append(rows, views.PermissionRow{Name: name})
		}
		row := &rows[len(rows)-1]
		row.Sentence = views.ResourceSentence(info.Sentence) // of modify where there is one: it stands behind read and says more
		cell := views.PermissionCell{Value: string(info.Permission), Checked: slices.Contains(chosen, string(info.Permission))}
		if !grantable.Has(info.Permission) {
			cell.Unavailable = views.NotHeld
		}
		if info.Permission.Modifies() {
			row.Modify = cell
		} else {
			row.Read = cell
		}
	}
	return rows
}

// unavailable says why choices cannot be made by somebody who may give no more than this.
func unavailable(gift credential.Gift) map[string]string {
	m := map[string]string{}
	for _, access := range []permission.Access{permission.AccessRead, permission.AccessWrite, permission.AccessFull} {
		if !gift.Permissions.Contains(access.Set(0)) {
			m[string(access)] = views.NotAllHeld
		}
	}
	if !gift.Permissions.Has(permission.SearchRead) {
		m[string(secret.Search)] = views.NotAllHeld
	}
	if !gift.Admin() {
		m[string(secret.Admin)] = views.NotEverything
	}
	if !gift.Scope.All {
		m["all"] = views.NotEverywhere
	}
	return m
}

// mostEngines is how many engines are listed at once, besides the chosen ones.
const mostEngines = 100

// engineChoices lists the engines that were chosen, also those that do not exist, and those whose names hold what is
// looked for.
func (s *console) engineChoices(c echo.Context, v *visitor, chosen []string, find string, may permission.Scope) (views.EngineChoices, error) {
	find = fault.Cut(strings.ToLower(strings.TrimSpace(find)), credential.MaxName)
	all := views.EngineChoices{Find: find}
	if !v.may(permission.IndicesRead) {
		return all, nil
	}
	engines, err := s.Engines.List(c.Request().Context(), v.Who, v.project.Target())
	if err != nil {
		return all, err
	}
	return choicesOf(engines, chosen, find, may), nil
}

// choicesOf lists engines to choose from.
func choicesOf(engines []engine.Engine, chosen []string, find string, may permission.Scope) views.EngineChoices {
	all := views.EngineChoices{Find: find, EnginesTotal: len(engines)}
	missing := slices.Compact(slices.Sorted(slices.Values(chosen)))
	var others []views.EngineChoice
	for _, e := range engines {
		choice := views.EngineChoice{Name: e.Name, Documents: e.Documents, Meta: e.Meta}
		if !may.Has(e.Name) {
			choice.Unavailable = views.NotReached
		}
		if strings.Contains(e.Name, find) {
			all.EnginesFound++
		}
		if i, ok := slices.BinarySearch(missing, e.Name); ok {
			missing, choice.Checked = slices.Delete(missing, i, i+1), true
			all.Engines = append(all.Engines, choice)
		} else if strings.Contains(e.Name, find) && len(others) < mostEngines {
			others = append(others, choice)
		}
	}
	for _, name := range missing {
		all.Engines = append(all.Engines, views.EngineChoice{Name: name, Checked: true, Missing: true})
	}
	all.Engines = append(all.Engines, others...)
	return all
}
