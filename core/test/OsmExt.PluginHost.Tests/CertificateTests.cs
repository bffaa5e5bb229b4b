using OsmExt.Compiler;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.PluginHost.Tests;

/// <summary>Certificates that plugins ask for: what the operator has allowed, and nothing else.</summary>
public sealed class CertificateTests : IDisposable
{
    private const string Manifest = """
        id: outside
        version: 1.0.0
        sdk: ">=0.1 <0.2"
        envoy: ">=1.36"
        failure: open
        capabilities: [issue-certificates]
        resources:
        - {group: test.osmext.io, kind: Outsider, versions: [v1], schema: schema.yaml, targetRef: false}
        certificates:
        - {name: identity, for: Outsider, template: lua.scriban}
        """;

    private const string Mesh = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {openservicemesh.io/monitored-by: osm}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: edge}
        ---
        apiVersion: config.openservicemesh.io/v1alpha2
        kind: MeshConfig
        metadata: {name: osm-mesh-config, namespace: osm-system}
        spec: {certificate: {serviceCertValidityDuration: 12h, ingressGateway: {subjectAltNames: [gateway.example.com], validityDuration: 24h, secret: {name: gateway, namespace: edge}}}}

        """;

    private const string Grants = """
        serviceAccounts: [edge/*, shop/*, shop/web], outside: [vm-*], dnsNames: ["*"], secrets: [edge/*, osm-system/*], longestValidity: 24h
        """;

    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{secret: edge/vm, outside: vm-1}", "edge/vm spiffe://cluster.local/vm-1/outside  12:00:00 Client Server")]
    [InlineData("{secret: edge/vm, serviceAccount: edge/one, dnsNames: [one.example.com], validity: 90m, usages: [client]}", "edge/vm spiffe://cluster.local/one/edge one.example.com 01:30:00 Client")]
    [InlineData("{secret: edge/vm, dnsNames: [one.edge.cluster.local]}", "edge/vm  one.edge.cluster.local 12:00:00 Client Server")]
    [InlineData("{secret: edge/vm, serviceAccount: shop/web}", "edge/vm spiffe://cluster.local/web/shop  12:00:00 Client Server")]
    [InlineData("{secret: edge/roots, rootsOnly: true}", "edge/roots   12:00:00 ")]
    public void What_is_allowed_is_issued(string request, string expected)
    {
        var (issued, findings) = Ask(request, Grants);
        Assert.Empty(findings);
        Assert.Equal([expected], issued);
    }

    [Theory]
    // Workloads of the mesh are never meant by a pattern, and the operator's own words count for nobody else.
    [InlineData("{secret: edge/vm, serviceAccount: shop/other}", "The operator has not allowed the identity of shop/other, which is a workload's of the mesh")]
    [InlineData("{secret: edge/vm, serviceAccount: osm-system/osm}", "The operator has not allowed the identity of osm-system/osm, which is a workload's of the mesh")]
    [InlineData("{secret: edge/vm, serviceAccount: far/one}", "The operator has not allowed the identity of far/one")]
    [InlineData("{secret: edge/vm, outside: laptop}", "The operator has not allowed laptop")]
    [InlineData("{secret: shop/vm, outside: vm-1}", "The operator has not allowed shop/vm")]
    // Names that mean the mesh's own.
    [InlineData("{secret: edge/vm, dnsNames: [web.shop.cluster.local]}", "web.shop.cluster.local is how the mesh itself calls somebody")]
    [InlineData("{secret: edge/vm, dnsNames: [a.web.shop.cluster.local]}", "is how the mesh itself calls somebody")]
    [InlineData("{secret: edge/vm, dnsNames: [osm-controller.cluster.local]}", "is how the mesh itself calls somebody")]
    [InlineData("{secret: edge/vm, dnsNames: [vm-2.outside.cluster.local]}", "is how the mesh itself calls somebody")]
    [InlineData("{secret: edge/vm, dnsNames: [any.osm-system.cluster.local]}", "is how the mesh itself calls somebody")]
    // Secrets that are somebody's.
    [InlineData("{secret: osm-system/osm-ca-bundle, outside: vm-1}", "Secret osm-system/osm-ca-bundle is not free: it is the mesh's own")]
    [InlineData("{secret: edge/gateway, outside: vm-1}", "the MeshConfig has its gateway's certificate there")]
    [InlineData("{secret: edge/vm, outside: vm-1, validity: 25h}", "1.01:00:00 is longer than 1.00:00:00, which the operator allows")]
    // What nobody could use.
    [InlineData("{secret: edge/vm}", "It names nobody")]
    [InlineData("{secret: edge/vm, outside: vm-1, serviceAccount: edge/one}", "A certificate proves one identity")]
    [InlineData("{secret: edge/vm, outside: vm-1, rootsOnly: true}", "The roots alone name nobody")]
    [InlineData("{secret: ../vm, outside: vm-1}", "does not match")]
    [InlineData("{secret: edge/vm, outside: vm-1/shop}", "does not match")]
    [InlineData("{secret: edge/vm, dnsNames: [\"*.example.com\"]}", "does not match")]
    [InlineData("{secret: edge/vm, outside: vm-1, validity: soon}", "does not match")]
    [InlineData("{secrets: edge/vm, outside: vm-1}", "There is no such field")]
    public void What_is_not_is_refused_and_said(string request, string message)
    {
        var (issued, findings) = Ask(request, Grants);
        Assert.Empty(issued);
        Assert.Contains(message, Assert.Single(findings), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_word_of_the_operator_nothing_is_issued()
    {
        Assert.Contains("The operator has not allowed edge/vm", Assert.Single(Ask("{secret: edge/vm, outside: vm-1}", null).Findings), StringComparison.Ordinal);
        Assert.Contains("issue-certificates, which nobody has granted", string.Join('\n', Set("{}", "plugins: {}\n").Diagnostics.Select(finding => finding.Message)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_namespace_called_outside_takes_the_identities_away()
        => Assert.Contains("There is a namespace outside", Assert.Single(Ask("{secret: edge/vm, outside: vm-1}", Grants, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: outside}\n").Findings), StringComparison.Ordinal);

    [Fact]
    public void Of_two_for_one_Secret_the_first_has_it_and_the_other_is_told()
    {
        var (issued, findings) = Ask("{secret: edge/vm, outside: {{ name }}}", Grants, Outsider("vm-2"), "vm-1");
        Assert.Equal(["edge/vm spiffe://cluster.local/vm-1/outside  12:00:00 Client Server"], issued);
        Assert.Contains("Secret edge/vm is not free: Outsider osm-system/vm-1 has it", Assert.Single(findings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_in_a_template_takes_nothing_away_and_removing_the_object_does()
    {
        var set = Set("{secret: edge/vm, outside: {{ spec.code }}}", Policy(Grants));
        Assert.Single(Contribute(set, Outsider("a", "vm-1")).Certificates);

        var broken = Contribute(set, Outsider("a", "not a name"));
        Assert.Equal("vm-1", Assert.Single(broken.Certificates).Identity!.ServiceAccount);
        Assert.Contains(broken.Diagnostics, finding => finding.Code == DiagnosticCodes.CertificateRefused);
        Assert.Empty(Contribute(set, "").Certificates);
    }

    [Fact]
    public void Code_asks_for_what_its_manifest_leaves_to_it_and_a_failure_takes_nothing_away()
    {
        var set = _folder.Policy("plugins:\n  behaviour: {grants: [issue-certificates], certificates: {outside: [vm-1], secrets: [edge/*]}}\n")
            .WriteCode(text => text + "capabilities: [issue-certificates]\ncertificates: [{name: mine}]\n").Load();
        Assert.Empty(set.Diagnostics);
        Assert.Equal("edge/a", $"{Assert.Single(PluginFolder.Contribute(set, PluginFolder.Behaviour("a", "certificate mine")).Certificates).Secret}");
        Assert.Equal("edge/a", $"{Assert.Single(PluginFolder.Contribute(set, PluginFolder.Behaviour("a", "throw")).Certificates).Secret}");
        Assert.Empty(PluginFolder.Contribute(set, PluginFolder.Behaviour("a", "-- lua")).Certificates);

        var other = PluginFolder.Contribute(set, PluginFolder.Behaviour("a", "certificate somebodys"));
        Assert.Empty(other.Certificates);
        Assert.Contains(other.Diagnostics, finding => finding.Message.Contains("its manifest leaves no certificate \"somebodys\" to its code", StringComparison.Ordinal));
        set.DisposeExcept(PluginSet.Empty);
    }

    [Theory]
    [InlineData("capabilities: [issue-certificates]", "capabilities: []", "Certificates need the capability issue-certificates")]
    [InlineData("for: Outsider", "for: Nobody", "The plugin reads no kind \"Nobody\"")]
    [InlineData("for: Outsider, template: lua.scriban", "for: Outsider", "Objects ask through a template")]
    [InlineData("for: Outsider, template: lua.scriban", "", "Nobody asks for \"identity\"")]
    public void What_a_manifest_says_of_certificates_is_checked_when_it_is_loaded(string from, string to, string message)
        => Assert.Contains(_folder.Write("outside", Manifest.Replace(from, to, StringComparison.Ordinal).Replace(", }", "}", StringComparison.Ordinal), "{}").Load().Diagnostics,
            finding => finding.Message.Contains(message, StringComparison.Ordinal));

    [Theory]
    [InlineData("certificates: {secrets: [edge]}", "does not name anything in a namespace")]
    [InlineData("certificates: {longestValidity: long}", "is no time")]
    [InlineData("certificates: {names: [a]}", "There is no field \"names\"")]
    public void A_policy_that_cannot_be_understood_lets_nothing_in(string grant, string message)
        => Assert.Contains(Set("{}", $"plugins:\n  outside: {{grants: [issue-certificates], {grant}}}\n").Diagnostics, finding => finding.Message.Contains(message, StringComparison.Ordinal));

    private static string Policy(string? grants) => $"plugins:\n  outside: {{grants: [issue-certificates]{(grants is null ? "" : $", certificates: {{{grants}}}")}}}\n";

    private static string Outsider(string name, string code = "x") => PluginFolder.Script(name, $"{{code: {code}}}", "edge").Replace("kind: Script", "kind: Outsider", StringComparison.Ordinal);

    private PluginSet Set(string request, string policy) => _folder.Policy(policy).Write("outside", Manifest, request).Load();

    private (string[] Issued, string[] Findings) Ask(string request, string? grants, string more = "", string name = "a")
    {
        var set = Set(request, Policy(grants));
        Assert.Empty(set.Diagnostics);
        var contributions = Contribute(set, Outsider(name) + more);
        return ([.. contributions.Certificates.Select(each => $"{each.Secret} {each.Identity} {string.Join(',', each.DnsNames)} {each.Validity} {string.Join(' ', each.Usages)}")],
            [.. contributions.Diagnostics.Where(finding => finding.Severity == Severity.Error).Select(finding => finding.Message)]);
    }

    private static Compiler.Contributions.IMeshContributions Contribute(PluginSet set, string objects)
    {
        var file = ManifestReader.Read(Mesh + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n" + objects, "in.yaml", new PluginKinds(set.Kinds));
        var snapshot = ResourceSnapshot.Of(file.Resources.Select(resource => resource is PluginResource outsider ? outsider with { Metadata = outsider.Metadata with { Namespace = "osm-system" } } : resource));
        return set.Contribute(new(new MeshSettings("cluster.local") { CertificateValidity = TimeSpan.FromHours(12) }), snapshot, new CompilerOptions());
    }
}
