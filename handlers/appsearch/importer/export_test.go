package importer

// Narrow makes the source's searches reach less far, as a test needs it.
func (o *Options) Narrow(page, results, worth int) { o.reach = reach{page, results, worth} }
