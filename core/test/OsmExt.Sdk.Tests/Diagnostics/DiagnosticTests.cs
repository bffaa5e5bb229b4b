using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Tests.Diagnostics;

public class DiagnosticTests
{
    private static readonly ResourceKey Key = new("Service", "ns", "web");

    [Fact]
    public void Findings_are_ordered_by_object_field_code_message_and_place()
    {
        Diagnostic[] ordered =
        [
            Finding(null, "", "OSM1001", "a", "b.yaml"),
            Finding(null, "", "OSM1001", "a", "c.yaml"),
            Finding(Key with { Name = "api" }, "z", "OSM9", "z"),
            Finding(Key, "spec.a", "OSM1004", "z"),
            Finding(Key, "spec.b", "OSM1003", "z"),
            Finding(Key, "spec.b", "OSM1004", "a"),
            Finding(Key, "spec.b", "OSM1004", "b"),
        ];

        Assert.Equal(ordered, ordered.Reverse().Order());
        Assert.Equal(ordered, new SortedSet<Diagnostic>(ordered.Concat(ordered.Reverse())));
    }

    [Fact]
    public void A_finding_prints_as_one_line_with_place_object_field_and_advice()
        => Assert.Equal(
            "dir/a.yaml:4:7: error OSM1003: Service ns/web spec.x: There is no such field. Did you mean y?.",
            new Diagnostic("OSM1003", Severity.Error, Key, "spec.x", "There is no such field", "Did you mean y?", new("dir/a.yaml", 4,
                7)).ToString());

    [Fact]
    public void Every_code_has_its_own_number()
    {
        var codes = typeof(DiagnosticCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!).ToArray();

        Assert.NotEmpty(codes);
        Assert.Equal(codes.Distinct(), codes);
        Assert.All(codes, code => Assert.Matches("^OSM[1-5][0-9]{3}$", code));
    }

    [Fact]
    public void A_service_has_a_full_name_whatever_the_trust_domain()
    {
        Assert.Equal("web.ns.svc.cluster.local", new ServiceName("ns", "web").Fqdn);
        Assert.Equal("db-0.db.ns.svc.cluster.local", new ServiceName("ns", "db", "db-0").Fqdn);
        Assert.Equal("ns/db-0.db", new ServiceName("ns", "db", "db-0").ToString());
    }

    private static Diagnostic Finding(ResourceKey? key, string field, string code, string message, string? file = null)
        => new(code, Severity.Warning, key, field, message, "Mend it", file is null ? null : new(file));
}
