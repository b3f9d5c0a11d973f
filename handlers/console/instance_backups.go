package console

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"latchkey/db"
	"latchkey/views"
	"latchkey/web"
)

func (s *console) backups(c echo.Context) error {
	v := visitorOf(c)
	b, err := s.Instance.Backups(c.Request().Context(), v.Who)
	if err != nil {
		return err
	}
	p, err := s.page(c, v, views.NavInstance)
	if err != nil {
		return err
	}
	page := views.BackupsPage{Page: p, Job: s.job(b.Job), Made: b.Job.Result, Folder: b.Folder}
	for _, item := range b.List {
		page.Items = append(page.Items, s.backupItem(item))
	}
	return web.Render(c, http.StatusOK, views.Backups(page))
}

func (s *console) backupItem(b db.Backup) views.BackupItem {
	return views.BackupItem{Name: b.Name, At: views.Moment(b.At, s.Now()), Size: views.Bytes(b.Bytes), Whole: b.Whole}
}

func (s *console) backUp(c echo.Context) error {
	if err := s.Instance.StartBackup(c.Request().Context(), visitorOf(c).Who); err != nil {
		return err
	}
	return web.Redirect(c, done(views.InstanceBackupsURL, "backup-started"))
}

func (s *console) askDeleteBackup(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	b, err := s.Instance.Backup(ctx, v.Who, c.Param("backup"))
	if err != nil {
		return err
	}
	all, err := s.Instance.Backups(ctx, v.Who)
	if err != nil {
		return err
	}
	last := b.Whole
	for _, other := range all.List {
		last = last && (other.Name == b.Name || !other.Whole)
	}
	p, err := s.page(c, v, views.NavInstance)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.DeleteBackup(views.DeleteBackupPage{Page: p, Item: s.backupItem(b), Last: last}))
}

func (s *console) deleteBackup(c echo.Context) error {
	if err := s.Instance.DeleteBackup(c.Request().Context(), visitorOf(c).Who, c.Param("backup")); err != nil {
		return err
	}
	return web.Redirect(c, done(views.InstanceBackupsURL, "backup-deleted"))
}
