package console

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db/instance"
	"latchkey/views"
	"latchkey/web"
)

// instance shows how the whole instance is.
func (s *console) instance(c echo.Context) error {
	v := visitorOf(c)
	o, err := s.Instance.Overview(c.Request().Context(), v.Who)
	if err != nil {
		return err
	}
	p, err := s.page(c, v, views.NavInstance)
	if err != nil {
		return err
	}
	size := views.Bytes
	page := views.InstancePage{
		Page: p, Organizations: o.Counts.Organizations, Projects: o.Counts.Projects, Users: o.Counts.Users,
		Keys: o.Counts.Keys, Engines: o.Counts.Engines, Documents: o.Counts.Documents,
		Check: s.job(o.Check), Audit: s.job(o.Chain), AuditEvents: o.Verdict.Events, AuditHead: o.Verdict.Head, AuditBroken: o.Verdict.Broken,
		Version: o.Version, Go: o.Go, Started: views.Moment(o.Started, o.Now), Uptime: views.Uptime(o.Now.Sub(o.Started)), Address: o.URL,
		MasterKeyInside: o.MasterKeyInside, CoreSchema: o.CoreSchema, EnginesSchema: o.EnginesSchema,
		Core: size(o.Storage.Core), CoreLog: size(o.Storage.CoreLog), EnginesSize: size(o.Storage.Engines), EnginesLog: size(o.Storage.EnginesLog),
		Backups: size(o.Storage.Backups), Free: size(o.Storage.Free),
	}
	if o.Storage.Total > 0 {
		page.FreePercent = fmt.Sprintf("%d%% of %s", o.Storage.Free*100/o.Storage.Total, size(o.Storage.Total))
	}
	for _, w := range o.Warnings {
		page.Warnings = append(page.Warnings, string(w))
	}
	return web.Render(c, http.StatusOK, views.Instance(page))
}

// job is how far something in the background is.
func (s *console) job(j instance.Job) views.JobView {
	at := j.Ended
	if j.State == instance.Running {
		at = j.Began
	}
	return views.JobView{State: string(j.State), At: views.Moment(at, s.Now()), Failure: j.Failure}
}

func (s *console) checkInstance(c echo.Context) error {
	if err := s.Instance.StartCheck(c.Request().Context(), visitorOf(c).Who); err != nil {
		return err
	}
	return web.Redirect(c, done(views.InstanceURL, "check-started"))
}

func (s *console) verifyAudit(c echo.Context) error {
	if err := s.Instance.StartChain(c.Request().Context(), visitorOf(c).Who); err != nil {
		return err
	}
	return web.Redirect(c, done(views.InstanceURL, "check-started"))
}
