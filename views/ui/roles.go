package ui

func noticeIcon(kind string) Shape {
	switch kind {
	case "ok":
		return IconCheckCircle
	case "warn":
		return IconWarning
	case "bad":
		return IconAlert
	}
	return IconInfo
}

// noticeRole lets a result be read out when the page opens, and a failure at once.
func noticeRole(kind string) string {
	switch kind {
	case "ok":
		return "status"
	case "bad":
		return "alert"
	}
	return "note"
}

func typeIcon(kind string) Shape {
	switch kind {
	case "search":
		return IconSearch
	case "admin":
		return IconShield
	}
	return IconLock
}

// direction lets free text be written from either side, and keeps identifiers and dates from left to right.
func direction(f FieldProps) string {
	if f.Type == "" && !f.Identifier {
		return "auto"
	}
	return "ltr"
}
