using OsmExt.Sdk.Collections;

namespace OsmExt.LocalRuntime.Envoy;

/// <summary>An Envoy, or everywhere it was looked for.</summary>
/// <param name="Path">Absolute path of the binary; null when none was found.</param>
/// <param name="Version">For example <c>1.40.0</c>; empty when none was found.</param>
/// <param name="Tried">The places looked at before, in order, each with why it was not taken.</param>
internal sealed record EnvoySearchResult(string? Path, string Version, EquatableArray<EnvoySearchAttempt> Tried)
{
    /// <summary>One line when found; else every place and reason, one a line.</summary>
    public override string ToString() => Path is not null
        ? $"Envoy {Version} at {Path}"
        : $"No Envoy was found.\n{string.Join('\n', Tried.Select(attempt => $"  {attempt.Place}: {attempt.Reason}"))}";
}

/// <summary>A place that had no suitable Envoy.</summary>
/// <param name="Place">Where.</param>
/// <param name="Reason">Why not.</param>
internal sealed record EnvoySearchAttempt(string Place, string Reason);
