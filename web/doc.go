// Package web is what any web server needs and knows nothing of keys: routing with a guard on every route, one place
// where errors are answered, request ids, the request log, limits, security headers, sessions and cross-origin checks.
//
// A surface (the console, a dialect, forward-auth) is a list of routes, the prefixes under which it answers, and a
// function that words errors. The order of what surrounds every handler, outermost first, and why:
//
//	request id   everything after it can name the request
//	log          sees the status that was really sent, also of panics
//	recover      a panic becomes an error like any other
//	headers      also errors carry them
//	limits       body size and time, before anything reads
//	surface.Pre  rewriting of paths and CORS preflights, before routing
//	guard        who may pass; a route without one cannot be registered
//	handler
package web
