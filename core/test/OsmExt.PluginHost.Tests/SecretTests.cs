using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OsmExt.Compiler;
using OsmExt.Compiler.Contributions;
using OsmExt.Envoy;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Kubernetes.Views;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;
using EnvoySecret = Envoy.Extensions.TransportSockets.Tls.V3.Secret;

namespace OsmExt.PluginHost.Tests;

/// <summary>Secrets that templates name: found in the object's namespace, sent to who uses them, and never shown.</summary>
public sealed class SecretTests : IDisposable
{
    private const string Hidden = "hidden-value";

    private const string Manifest = """
        id: lua
        version: 1.0.0
        sdk: ">=0.1 <0.2"
        envoy: ">=1.36"
        failure: FAILURE
        capabilities: [call-hosts, write-tls, read-secrets]
        resources:
        - {group: test.osmext.io, kind: Script, versions: [v1], schema: schema.yaml}
        contributions:
        - {name: server, point: cluster, direction: outbound, for: Script, template: lua.scriban}
        """;

    private const string Template = """
        name: lua|server
        type: STATIC
        transport_socket:
          name: envoy.transport_sockets.tls
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
            common_tls_context:
              tls_certificate_sds_secret_configs: [{name: {{ spec.code }}}]
              validation_context_sds_secret_config: {name: "secret:both"}
        """;

    private const string Injector = """
        name: lua|server
        type: STATIC
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http_protocol_options: {}}
            http_filters:
            - name: credential
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.http.credential_injector.v3.CredentialInjector
                credential:
                  name: generic
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.http.injected_credentials.generic.v3.Generic
                    credential: {name: {{ spec.code }}}
        """;

    private static readonly (string Certificate, string Key) Pair = MakePair();
    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_certificate_and_roots_are_sent_beside_the_mesh_s_own_to_who_uses_them()
    {
        var (resources, findings) = Translate("secret:both", Secret("both", ("ca.crt", Pair.Certificate), ("tls.crt", Pair.Certificate + Pair.Key), ("tls.key", Pair.Key)));

        Assert.Empty(findings);
        var secrets = resources.Select(resource => resource.Message).OfType<EnvoySecret>().Where(secret => secret.Name.StartsWith("secret:", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["secret:shop/both|certificate", "secret:shop/both|roots"], secrets.Select(secret => secret.Name));
        Assert.Equal(Pair.Key, secrets[0].TlsCertificate.PrivateKey.InlineBytes.ToStringUtf8());
        // A key that somebody put into the certificate's file is not part of what is shown.
        Assert.DoesNotContain("PRIVATE", string.Concat(secrets.Select(secret => EnvoyJson.ToYaml(Redaction.Of(secret)))), StringComparison.Ordinal);
        Assert.Contains("secret:shop/both|certificate", EnvoyJson.ToYaml(resources.Single(resource => resource.Name == "lua|server").Message), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret:token", Hidden)]
    [InlineData("secret:two/b", "b")]
    public void A_filter_gets_a_text_of_a_secret(string name, string expected)
    {
        var (resources, findings) = Translate(name, Secret("token", ("token", Hidden)) + Secret("two", ("a", "a"), ("b", "b")), template: Injector);

        Assert.Empty(findings);
        var secret = resources.Single(resource => resource.Name.StartsWith("secret:", StringComparison.Ordinal));
        Assert.Equal(expected, ((EnvoySecret)secret.Message).GenericSecret.Secret.InlineBytes.ToStringUtf8());
        Assert.DoesNotContain(Hidden, EnvoyJson.ToYaml(Redaction.Of(secret.Message)), StringComparison.Ordinal);
        Assert.NotEqual(XdsResource.Hash(secret.Value.Span), secret.Version);
    }

    [Fact]
    public void Code_speaks_for_objects_only_that_it_was_given()
    {
        var set = _folder.WriteCode(text => text.Replace("failure: open", "failure: open\ncapabilities: [read-secrets]", StringComparison.Ordinal)).Policy("plugins: {behaviour: {grants: [read-secrets]}}").Load();
        Assert.Empty(set.Diagnostics);
        var contributions = PluginFolder.Contribute(set, PluginFolder.Behaviour("a", "other-object"));

        Assert.Empty(contributions.For(PluginFolder.Scope()).All);
        Assert.Contains(contributions.Diagnostics, finding => finding.Code == DiagnosticCodes.PluginFailed && finding.Message.Contains("Behaviour other/a is behind what it contributes", StringComparison.Ordinal));
        set.DisposeExcept(PluginSet.Empty);
    }

    [Theory]
    [InlineData("secret:nosuch", Template, "There is no Secret shop/nosuch")]
    [InlineData("secret:token", Template, "Secret shop/token has no data.tls.crt")]
    [InlineData("secret:garbage", Template, "data.tls.crt and data.tls.key of Secret shop/garbage are no certificate and its key in PEM")]
    [InlineData("secret:elsewhere", Injector, "There is no Secret shop/elsewhere")]
    [InlineData("secret:two", Injector, "Secret shop/two has 2 values")]
    [InlineData("secret:two/c", Injector, "Secret shop/two has no data.c")]
    [InlineData("secret:empty", Injector, "data.token of Secret shop/empty is empty")]
    public void What_cannot_be_used_is_told_and_no_value_of_it(string name, string template, string reason)
    {
        var objects = Secret("token", ("token", Hidden)) + Secret("garbage", ("tls.crt", Hidden), ("tls.key", Hidden)) + Secret("two", ("a", Hidden), ("b", Hidden)) + Secret("empty", ("token", ""))
            + Secret("both", ("ca.crt", Pair.Certificate)) + Secret("elsewhere", ("token", Hidden)).Replace("namespace: shop", "namespace: other", StringComparison.Ordinal);
        var (resources, findings) = Translate(name, objects, template: template);

        var finding = Assert.Single(findings, finding => finding.Code == DiagnosticCodes.SecretNotUsable);
        Assert.Equal("Script shop/a", finding.Object.ToString());
        Assert.Contains(reason, finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(findings, said => said.ToString().Contains(Hidden, StringComparison.Ordinal));
        Assert.DoesNotContain(resources, resource => resource.Name is "lua|server" || resource.Name.StartsWith("secret:", StringComparison.Ordinal));

        Assert.Contains(Translate(name, objects, "closed", template).Findings, held => held.Code == DiagnosticCodes.ConfigurationHeld);
    }

    [Theory]
    [InlineData("secret:", "names no Secret")]
    [InlineData("secret:A", "names no Secret")]
    [InlineData("secret:other/ns/x", "names no Secret")]
    public void Only_names_of_secrets_are_names(string name, string reason)
        => Assert.Contains(Translate(name, "").Findings, finding => finding.Code == DiagnosticCodes.ContributionRefused && finding.Message.Contains(reason, StringComparison.Ordinal));

    [Fact]
    public void Without_the_capability_none_is_read()
    {
        var set = _folder.Write(manifest: Manifest.Replace("FAILURE", "open", StringComparison.Ordinal).Replace(", read-secrets", "", StringComparison.Ordinal), template: Template)
            .Policy("plugins: {lua: {grants: [call-hosts, write-tls]}}").Load();
        var file = ManifestReader.Read(TranslationTests.Mesh + Secret("both", ("ca.crt", "x")) + PluginFolder.Script("a", "{code: \"secret:both\"}"), "in.yaml", new PluginKinds(set.Kinds, set.MayHaveSecrets));

        Assert.DoesNotContain(file.Resources, resource => resource is Secret);
        Assert.Contains(OfflineMesh.Compile(ResourceSnapshot.Of(file.Resources), new CompilerOptions(), set.Contribute).Diagnostics,
            finding => finding.Code == DiagnosticCodes.ContributionRefused && finding.Message.Contains("needs the capability read-secrets", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refused_secret_is_laid_at_the_door_of_who_names_it()
    {
        var (resources, _) = Translate("secret:token", Secret("token", ("token", Hidden)), template: Injector);

        var item = Assert.Single(_contributions!.For(PluginFolder.Scope()).All);
        Assert.Equal([item], new ContributedParts([item]).In(resources.Single(resource => resource.Name.StartsWith("secret:", StringComparison.Ordinal))));
    }

    private IMeshContributions? _contributions;

    private (IReadOnlyList<XdsResource> Resources, IReadOnlyList<Diagnostic> Findings) Translate(string name, string objects, string failure = "open", string template = Template)
    {
        var set = _folder.Write(manifest: Manifest.Replace("FAILURE", failure, StringComparison.Ordinal), template: template)
            .Policy("plugins: {lua: {grants: [call-hosts, write-tls, read-secrets]}}").Load();
        Assert.Empty(set.Diagnostics);
        var file = ManifestReader.Read(TranslationTests.Mesh + objects + PluginFolder.Script("a", $"{{code: \"{name}\"}}"), "in.yaml", new PluginKinds(set.Kinds, set.MayHaveSecrets));
        Assert.Empty(file.Diagnostics);
        var mesh = OfflineMesh.Compile(ResourceSnapshot.Of(file.Resources), new CompilerOptions(), (policy, snapshot, options) => _contributions = set.Contribute(policy, snapshot, options));
        var translated = mesh.Translate(Assert.Single(mesh.Proxies.All));
        return (translated.Resources, [.. mesh.Diagnostics.Concat(translated.Diagnostics).Where(finding => finding.Severity != Severity.Info)]);
    }

    private static string Secret(string name, params (string Key, string Value)[] entries)
        => $"---\napiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: shop}}\ndata:\n"
            + string.Concat(entries.Select(entry => $"  {entry.Key}: \"{Convert.ToBase64String(Encoding.UTF8.GetBytes(entry.Value))}\"\n"));

    private static (string, string) MakePair()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("O=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(150));
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
