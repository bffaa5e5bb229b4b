namespace OsmExt.Kubernetes.Models;

/// <summary>
/// Patterns for schemas, in RE2's words. Each takes whatever the check of the same name in Views takes: the API server may let pass what the webhook refuses with a
/// better text, but never the other way round. An empty text counts as absent, as it does there.
/// </summary>
internal static class Patterns
{
    public const string Duration = @"^(0|[-+]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*)$";
    public const string DnsLabel = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$";
    public const string DnsSubdomain = @"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$";
    public const string HeaderName = "^:*[-A-Za-z0-9!#$%&'*+.^_`|~]+$";
    public const string Quantity = @"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$";

    /// <summary>Narrower than Linux: the name becomes part of a command.</summary>
    public const string NetworkInterface = "^[-A-Za-z0-9_.:+]{1,15}$";
    public const string AddressBlock = @"^([0-9]{1,3}(\.[0-9]{1,3}){3}/([0-9]|[12][0-9]|3[0-2])|[0-9a-fA-F:]*:[0-9a-fA-F:.]*/([0-9]{1,2}|1[01][0-9]|12[0-8]))$";
}
