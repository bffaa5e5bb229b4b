using System.Globalization;

namespace OsmExt.Simulation;

/// <summary>A release of Envoy, as far as releases decide differently. 1.36.2 and 1.40.0 have been compared with the simulator.</summary>
/// <param name="Minor">The number after "1.".</param>
internal sealed record EnvoyRelease(int Minor)
{
    public static EnvoyRelease Newest { get; } = new(40);

    /// <summary>Each value of a repeated header is compared by itself; before, all of them joined by commas.</summary>
    public bool ComparesHeadersOneByOne => Minor >= 39;

    /// <summary>The same for access rules, where it came earlier (CVE-2026-26308).</summary>
    public bool ComparesHeadersOneByOneInRbac => Minor >= 38;

    /// <summary>Parameters of dot segments (<c>/..;x/</c>) are no obstacle to resolving them (CVE-2026-73551).</summary>
    public bool ResolvesDotSegmentsWithParameters => Minor >= 40;

    /// <summary>Patterns see bytes; before, they saw UTF-8 (CVE-2026-73552).</summary>
    public bool PatternsSeeBytes => Minor >= 40;

    /// <summary>Reads a version such as <c>1.40.0</c>; the newest when it is none.</summary>
    public static EnvoyRelease Parse(string version)
        => version.Split('.') is ["1", var minor, ..] && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(number) : Newest;
}
