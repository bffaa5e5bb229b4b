using System.Text;
using OsmExt.DataPlane.Bootstraps;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Tests.Bootstraps;

/// <summary>Whatever stands in a bootstrap, it is read or everything wrong with it is said; and what was read is what was written.</summary>
public sealed class BootstrapFuzzTests
{
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "node:", "id:", "admin:", "address:", "socket_address:", "port_value:", "dynamic_resources:", "ads_config:", "api_type:", "DELTA_GRPC", "static_resources:", "clusters:",
            "name:", "typed_config:", "\"@type\":", "type.googleapis.com/", "layered_runtime:", "layers:", "static_layer:", "{", "}", "[", "]", "- ", "\n", "\n  ", ": ", "null", "~", "!!binary", "&a", "*a",
            "<<:", "|", ">", "'", "\"", "1e999", "-1", "18446744073709551616", "0x10", "s", "NaN", "\\u0000", "\u2028", "#", "%YAML", "---", "...",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0],
    ];

    [Fact]
    public void A_bootstrap_is_read_or_refused_with_reasons() => new Fuzzer("bootstrap", Judge, Words).Run();

    private static string Judge(byte[] input)
    {
        var (bootstrap, problems) = BootstrapReader.Read(Encoding.UTF8.GetString(input));
        Assert.Equal(bootstrap is null, problems.Count > 0);
        Assert.All(problems, problem => Assert.False(string.IsNullOrWhiteSpace(problem)));
        if (bootstrap is not null)
        {
            var again = BootstrapReader.Read(EnvoyJson.ToYaml(bootstrap.Message));
            Assert.Equal(bootstrap.Message, again.Bootstrap?.Message);
        }

        // Words of the complaints, without places and names.
        return string.Join('|', problems.Select(Kind).Distinct(StringComparer.Ordinal).Take(4));
    }

    private static string Kind(string problem)
        => string.Join(' ', problem[(problem.IndexOf("): ", StringComparison.Ordinal) + 1)..].Split(' ').Where(word => word.All(letter => letter is >= 'a' and <= 'z')).Take(6));
}
