using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OsmExt.Yaml;

namespace OsmExt.Kubernetes.Views;

/// <summary>Checks that many kinds share; each reports and answers whether the value can be used.</summary>
internal static class FieldChecks
{
    public static readonly string[] Transports = ["TCP", "UDP", "SCTP"];

    /// <summary>Whether the text is set; reports it as missing otherwise.</summary>
    public static bool Has(this FieldReport report, string path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] string? text, string advice)
    {
        if (string.IsNullOrEmpty(text))
        {
            report.Missing(path, advice);
            return false;
        }

        return true;
    }

    /// <summary>Reports a text that is missing, or is not what a server is called: a DNS name or an address, and nothing around it.</summary>
    public static void Host(this FieldReport report, string path, string? text, string advice)
    {
        if (report.Has(path, text, advice) && (text[0] == '[' || Uri.CheckHostName(text) is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6)))
        {
            report.Invalid(path, $"{YamlScalar.Quote(text)} is neither a DNS name nor an address", "Write it without scheme, port and brackets");
        }
    }

    /// <summary>The value, when it is one of those allowed; the default when it is not set.</summary>
    public static string OneOf(this FieldReport report, string path, string? value, string absent, params string[] allowed)
    {
        if (string.IsNullOrEmpty(value))
        {
            return absent;
        }

        if (!allowed.Contains(value, StringComparer.Ordinal))
        {
            var all = string.Join(", ", allowed);
            var advice = allowed.Length == 1 ? $"Set it to {all}"
                : Suggestion.Closest(value, allowed) is { } meant ? $"Did you mean \"{meant}\"? Possible values: {all}"
                : $"Use one of {all}";
            report.Invalid(path, $"{YamlScalar.Quote(value)} is not a possible value", advice);
        }

        return value;
    }

    /// <summary>The number, when it is inside the range; null when it is not set.</summary>
    public static int? InRange(this FieldReport report, string path, int? value, int lowest, int highest)
    {
        if (value is { } number && (number < lowest || number > highest))
        {
            report.Invalid(path, Text($"{number} is outside {lowest} to {highest}"), Text($"Use a number from {lowest} to {highest}"));
            return null;
        }

        return value;
    }

    /// <summary>A name that must be a DNS label, as Kubernetes asks of namespaces, containers and host names; empty when it is not set.</summary>
    public static string DnsLabel(this FieldReport report, string path, string? value)
        => Name(report, path, value, DnsName.IsLabel, DnsName.LabelRule);

    /// <summary>The name of another object; empty when it is not set.</summary>
    public static string DnsSubdomain(this FieldReport report, string path, string? value)
        => Name(report, path, value, DnsName.IsSubdomain, DnsName.SubdomainRule);

    /// <summary>The name of a container port, which services may use as target port; empty when it is not set.</summary>
    public static string PortName(this FieldReport report, string path, string? value)
        => Name(report, path, value, DnsName.IsPortName, DnsName.PortNameRule);

    public static int? Port(this FieldReport report, string path, int? value) => report.InRange(path, value, 1, 65535);

    /// <summary>A port that must be set, in a model where 0 stands for unset.</summary>
    public static int RequiredPort(this FieldReport report, string path, int value, string advice)
    {
        if (value == 0)
        {
            report.Missing(path, advice, message: "This field is missing or 0");
        }

        return report.Port(path, value == 0 ? null : value) ?? 0;
    }

    /// <summary>A Go duration longer than nothing; null when it is not set or not one.</summary>
    public static TimeSpan? Duration(this FieldReport report, string path, string? value, bool zeroAllowed = false)
    {
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        if (GoDuration.TryParse(value, out var duration) && (duration > TimeSpan.Zero || (zeroAllowed && duration == TimeSpan.Zero)))
        {
            return duration;
        }

        report.Invalid(path, $"{YamlScalar.Quote(value)} is not a {(zeroAllowed ? "" : "positive ")}duration", "Write it like 300ms, 1.5h or 24h0m0s");
        return null;
    }

    /// <summary>An address block such as <c>10.0.0.0/8</c>.</summary>
    public static void AddressBlock(this FieldReport report, string path, string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0
            || !TryParseAddress(value[..slash], out var address)
            || !int.TryParse(value.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            || bits > (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128))
        {
            report.Invalid(path, $"{YamlScalar.Quote(value)} is not an address block", "Write it like 10.0.0.0/8");
        }
    }

    /// <summary>
    /// The address in its usual spelling; null, and a warning, when a connection cannot be made to it. What is left out can only
    /// take a path away.
    /// </summary>
    public static string? Address(this FieldReport report, string path, string? value, AddressFamily? family = null)
    {
        if (value is null || !TryParseAddress(value, out var address))
        {
            report.LeftOut(path, $"{YamlScalar.Quote(value ?? "")} is not an IP address; it is left out", "Write an IPv4 or IPv6 address");
            return null;
        }

        if (family is { } wanted && address.AddressFamily != wanted)
        {
            var name = wanted == AddressFamily.InterNetwork ? "IPv4" : "IPv6";
            report.LeftOut(path, $"{address} is not an {name} address; it is left out", $"Correct it, or the address type {name}");
            return null;
        }

        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || address.IsIPv6Multicast || IsMulticast(address))
        {
            report.LeftOut(path, $"Nobody can be reached at {address}; it is left out", "Write the address of one pod or host");
            return null;
        }

        return address.ToString();
    }

    // The framework also reads "10.1" and "0x7f000001", as inet_aton does; Kubernetes does not, and neither may a mesh that
    // compares addresses.
    private static bool TryParseAddress(string text, out IPAddress address)
        => IPAddress.TryParse(text, out address!) && (address.AddressFamily == AddressFamily.InterNetwork
            ? string.Equals(address.ToString(), text, StringComparison.Ordinal)
            : !text.AsSpan().ContainsAny('%', '[', ']'));

    private static bool IsMulticast(IPAddress address)
        => address.AddressFamily == AddressFamily.InterNetwork && (address.GetAddressBytes()[0] & 0xF0) == 0xE0;

    private static string Name(FieldReport report, string path, string? value, Func<string, bool> rule, string advice)
    {
        if (!string.IsNullOrEmpty(value) && !rule(value))
        {
            report.Invalid(path, $"{YamlScalar.Quote(value)} is not a name", advice);
        }

        return value ?? "";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
