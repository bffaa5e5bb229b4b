using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Sdk.Resources;

/// <summary>An object was added, replaced or removed.</summary>
/// <param name="Key">Which one.</param>
/// <param name="Resource">Its new content; null when it was removed.</param>
/// <param name="Location">Where it was read; null when removed or not from a file.</param>
public sealed record ResourceChange(ResourceKey Key, Resource? Resource, SourceLocation? Location = null);

/// <summary>What a source has to say at one moment; applied as a whole.</summary>
/// <param name="Changes">What changed since the batch before. The first batches together are the whole list.</param>
/// <param name="Diagnostics">Everything the source finds wrong at this moment; replaces what the batch before said.</param>
/// <param name="IsSynced">Whether the list is complete. Nothing is published to proxies before the first batch that says so.</param>
/// <param name="ObservedAt">When the source noticed, as a timestamp of its <see cref="TimeProvider"/>.</param>
public sealed record ResourceBatch(
    EquatableArray<ResourceChange> Changes, EquatableArray<Diagnostic> Diagnostics, bool IsSynced, long ObservedAt);
