using OsmExt.PluginHost.Manifests;
using OsmExt.Sdk.Collections;
using OsmExt.Yaml;

namespace OsmExt.PluginHost.Certificates;

/// <summary>Whom a plugin may have certificates issued for, and where they may be kept. What is not written is not allowed.</summary>
internal sealed record CertificateGrant
{
    public static CertificateGrant None { get; } = new();

    /// <summary><c>NAMESPACE/NAME</c>; with a star for any text in namespaces that are not the mesh's.</summary>
    public EquatableArray<string> ServiceAccounts { get; init; }

    public EquatableArray<string> Outside { get; init; }

    public EquatableArray<string> DnsNames { get; init; }

    /// <summary><c>NAMESPACE/NAME</c>.</summary>
    public EquatableArray<string> Secrets { get; init; }

    public TimeSpan LongestValidity { get; init; } = TimeSpan.FromHours(24);

    public static CertificateGrant Read(FieldReader fields)
    {
        var grant = new CertificateGrant
        {
            ServiceAccounts = fields.Texts("serviceAccounts").ToEquatableArray(),
            Outside = fields.Texts("outside").ToEquatableArray(),
            DnsNames = fields.Texts("dnsNames").ToEquatableArray(),
            Secrets = fields.Texts("secrets").ToEquatableArray(),
        };
        foreach (var (field, texts) in new[] { ("serviceAccounts", grant.ServiceAccounts), ("secrets", grant.Secrets) })
        {
            foreach (var text in texts.Where(text => text.Split('/').Length != 2))
            {
                fields.Report(field, $"{YamlScalar.Quote(text)} does not name anything in a namespace", "Write NAMESPACE/NAME; a star in either stands for any text");
            }
        }

        if (fields.Text("longestValidity") is { } longest)
        {
            if (RequestReader.Duration(longest) is { } known)
            {
                grant = grant with { LongestValidity = known };
            }
            else
            {
                fields.Report("longestValidity", $"{YamlScalar.Quote(longest)} is no time", RequestReader.DurationRule);
            }
        }

        fields.Done();
        return grant;
    }

    /// <summary>Whether any of the patterns is for a name: a star stands for any text, but never for a slash.</summary>
    public static bool Allows(EquatableArray<string> patterns, string name) => patterns.Any(pattern => Matches(pattern, name));

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (pattern.IsEmpty || pattern[0] != '*')
        {
            return pattern.IsEmpty ? name.IsEmpty : !name.IsEmpty && pattern[0] == name[0] && Matches(pattern[1..], name[1..]);
        }

        for (var taken = 0; taken <= name.Length; taken++)
        {
            if (Matches(pattern[1..], name[taken..]))
            {
                return true;
            }

            if (taken < name.Length && name[taken] == '/')
            {
                return false;
            }
        }

        return false;
    }
}
