package views

// KeyRevealPage shows a new secret, to the one browser that created it. The answer must not be stored by anything.
// "I have stored it" posts nothing to RevealDoneURL.
type KeyRevealPage struct {
	Page
	Behind *CredentialsPage // the dashboard to show behind it; may be nil
	ID     string
	Name   string
	// Description is what people call it; may be empty.
	Description string
	Type        string
	Secret      string
	Access      string
	AccessNote  string
	AllEngines  bool
	Engines     []string
	Expires     When
	Until       When // how long the page can be reloaded
	Try         TryIt
}

// TryIt is how to use a key, without the key itself.
type TryIt struct {
	Example   Example
	Missing   string // the engine it needs, where it does not exist yet
	AppSearch string // the endpoint for clients of App Search
	Lupa      string // the base address for clients of Lupa; empty for keys that are of no use there
}

// KeyRevealGonePage is what the reveal page becomes afterwards. Only that the time is over is known for sure; whether
// the secret was stored, or made in another browser, leaves no trace.
type KeyRevealGonePage struct {
	Page
	ID          string
	Name        string
	Description string
	Type        string
	Visible     string
	Late        bool // the ten minutes are over for sure
}
