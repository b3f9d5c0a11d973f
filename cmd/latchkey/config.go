package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/urfave/cli/v3"

	"latchkey/web"
)

// config is everything that can be configured. Flags win over the environment.
type config struct {
	Addr           string         // address and port to listen on
	Data           string         // data directory
	URL            *url.URL       // where people and programs reach the server
	MasterKeyFile  string         // empty: master.key in the data directory
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	AllowPlainHTTP bool           // reached by http on another host than this one
}

// dirFlags say where everything is kept; every command has them.
func dirFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "data", Value: "./data", Sources: cli.EnvVars("LATCHKEY_DATA"), Usage: "data `directory`"},
		&cli.StringFlag{Name: "master-key-file", Sources: cli.EnvVars("LATCHKEY_MASTER_KEY_FILE"), Usage: "`file` with the master key (default: master.key in the data directory)"},
	}
}

func serveFlags() []cli.Flag {
	return append(dirFlags(),
		&cli.StringFlag{Name: "addr", Value: "127.0.0.1:8080", Sources: cli.EnvVars("LATCHKEY_ADDR"), Usage: "`address` to listen on"},
		&cli.StringFlag{Name: "url", Value: "http://localhost:8080", Sources: cli.EnvVars("LATCHKEY_URL"), Usage: "`URL` under which people and programs reach the server"},
		&cli.StringFlag{Name: "trusted-proxies", Sources: cli.EnvVars("LATCHKEY_TRUSTED_PROXIES"), Usage: "`networks` (CIDR, separated by commas) whose X-Forwarded-For is believed"},
		&cli.BoolFlag{Name: "allow-plain-http", Sources: cli.EnvVars("LATCHKEY_ALLOW_PLAIN_HTTP"), Usage: "allow an http URL on another host than this machine; sessions can then be read on the way"},
	)
}

func readDirConfig(c *cli.Command) config {
	return config{Data: c.String("data"), MasterKeyFile: c.String("master-key-file")}
}

// readConfig reads and checks the configuration of the server, and reports all problems at once.
func readConfig(c *cli.Command) (config, error) {
	cfg := readDirConfig(c)
	cfg.Addr, cfg.AllowPlainHTTP = c.String("addr"), c.Bool("allow-plain-http")
	var errs []error
	if _, _, err := net.SplitHostPort(cfg.Addr); err != nil {
		errs = append(errs, fmt.Errorf("--addr %q: want host:port", cfg.Addr))
	}
	var err error
	if cfg.URL, err = parseURL(c.String("url")); err != nil {
		errs = append(errs, err)
	} else if cfg.URL.Scheme == "http" && !cfg.AllowPlainHTTP && !web.Loopback(cfg.URL.Host) {
		errs = append(errs, fmt.Errorf("--url %s: plain http to another machine would send passwords and keys in clear; use https, or say --allow-plain-http", cfg.URL))
	}
	for _, text := range strings.FieldsFunc(c.String("trusted-proxies"), func(r rune) bool { return r == ',' || r == ' ' }) {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("--trusted-proxies %q: want a network such as 10.1.2.0/24", text))
		}
		cfg.TrustedProxies = append(cfg.TrustedProxies, prefix)
	}
	if len(errs) > 0 {
		return config{}, usageError{errors.Join(errs...)}
	}
	return cfg, nil
}

func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("--url %q: want http:// or https:// and a host, without a path", text)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}
