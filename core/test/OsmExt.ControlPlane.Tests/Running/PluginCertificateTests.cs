using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Identity;
using OsmExt.PluginHost;

namespace OsmExt.ControlPlane.Tests.Running;

/// <summary>Certificates that a plugin asks for, while hours pass and objects come and go.</summary>
public sealed class PluginCertificateTests : IDisposable
{
    private readonly MeshDirectory _mesh = new();
    private readonly string _plugins = Directory.CreateTempSubdirectory("osm-plugins-").FullName;
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    public PluginCertificateTests()
    {
        Directory.CreateDirectory(Path.Combine(_plugins, "outside"));
        File.WriteAllText(Path.Combine(_plugins, "outside", "plugin.yaml"), """
            id: outside
            version: 1.0.0
            sdk: ">=0.1 <0.2"
            envoy: ">=1.36"
            failure: open
            capabilities: [issue-certificates]
            resources:
            - {group: test.osmext.io, kind: Outsider, versions: [v1], schema: schema.yaml, targetRef: false}
            certificates:
            - {name: identity, for: Outsider, template: request.scriban}
            """);
        File.WriteAllText(Path.Combine(_plugins, "outside", "schema.yaml"), "type: object\nproperties:\n  name: {type: string}\n  roots: {type: boolean, default: false}\n");
        File.WriteAllText(Path.Combine(_plugins, "outside", "request.scriban"), """
            secret: {{ "edge/" + name }}
            {{ if spec.roots }}rootsOnly: true{{ else }}outside: {{ spec.name }}
            dnsNames: [{{ name + ".edge.example.com" }}]
            validity: 6h{{ end }}
            """);
        File.WriteAllText(Path.Combine(_plugins, "policy.yaml"), "plugins:\n  outside: {grants: [issue-certificates], certificates: {outside: [vm-*], dnsNames: [\"*.edge.example.com\"], secrets: [edge/*]}}\n");
    }

    public void Dispose()
    {
        _mesh.Dispose();
        Directory.Delete(_plugins, recursive: true);
    }

    [Fact]
    public async Task It_proves_the_identity_is_replaced_in_time_and_goes_with_the_object()
    {
        Write(Outsider("one", "name: vm-1") + Outsider("roots", "roots: true"));
        await using var plane = await StartAsync();
        var current = await CertificateAsync(plane, "one", _ => true);
        var text = current.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().Format(false);
        Assert.Contains("spiffe://cluster.local/vm-1/outside", text, StringComparison.Ordinal);
        Assert.True(current.MatchesHostname("one.edge.example.com"));
        Assert.True(IssuedByMesh(plane, current));
        Assert.InRange(current.NotAfter - _time.GetUtcNow(), TimeSpan.FromHours(1), TimeSpan.FromHours(6));
        Assert.Equal(["ca.crt"], Directory.GetFiles(Secret("roots")).Select(Path.GetFileName));

        for (var round = 0; round < 3; round++)
        {
            using var old = current;
            while ((current = Read("one") ?? old).Thumbprint == old.Thumbprint)
            {
                Assert.True(_time.GetUtcNow() < old.NotAfter - TimeSpan.FromHours(1), "it is replaced long before it ends");
                await PassAsync(plane, TimeSpan.FromMinutes(10));
            }
        }

        var page = await plane.DebugTextAsync("/debug/plugins");
        Assert.Contains("\"identity\": \"spiffe://cluster.local/vm-1/outside\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", page + plane.Logs.Text, StringComparison.Ordinal);
        var key = File.ReadAllText(Path.Combine(Secret("one"), "tls.key")).Split('\n')[1];
        Assert.DoesNotContain(key, page + plane.Logs.Text, StringComparison.Ordinal);

        Write(Outsider("roots", "roots: true"));
        await UntilAsync(plane, () => !Directory.Exists(Secret("one")));
        Assert.True(Directory.Exists(Secret("roots")));
        current.Dispose();
    }

    [Fact]
    public async Task What_the_operator_takes_back_is_removed_and_a_change_of_the_object_is_a_new_certificate()
    {
        Write(Outsider("one", "name: vm-1"));
        await using var plane = await StartAsync();
        using var first = await CertificateAsync(plane, "one", _ => true);

        Write(Outsider("one", "name: vm-2"));
        using var second = await CertificateAsync(plane, "one", certificate => certificate.Thumbprint != first.Thumbprint);
        Assert.Contains("spiffe://cluster.local/vm-2/outside", second.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().Format(false), StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(_plugins, "policy.yaml"), "plugins:\n  outside: {grants: [issue-certificates], certificates: {outside: [vm-1], dnsNames: [\"*.edge.example.com\"], secrets: [edge/*]}}\n");
        await UntilAsync(plane, () => !Directory.Exists(Secret("one")));
        Assert.Contains(await plane.Pipeline.DiagnosticsAsync(default), finding => finding.Code == "OSM4010" && finding.Message.Contains("The operator has not allowed vm-2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("outside/request.scriban", "secret: {{ spec.nosuch }}")]
    [InlineData("outside/plugin.yaml", "id: outside\nversion: [")]
    [InlineData("outside/schema.yaml", "type: nothing")]
    [InlineData("policy.yaml", "plugins: [")]
    public async Task Who_cannot_say_after_a_restart_whom_it_asks_for_loses_nothing(string file, string broken)
    {
        Write(Outsider("one", "name: vm-1"));
        X509Certificate2 first;
        await using (var plane = await StartAsync())
        {
            first = await CertificateAsync(plane, "one", _ => true);
        }

        var path = Path.Combine(_plugins, file);
        var good = File.ReadAllText(path);
        File.WriteAllText(path, broken);
        await using var again = await StartAsync();
        for (var minute = 0; minute < 5; minute++)
        {
            await PassAsync(again, TimeSpan.FromMinutes(1));
        }

        Assert.Equal(first.Thumbprint, Read("one")?.Thumbprint);
        File.WriteAllText(path, good);
        using var second = await CertificateAsync(again, "one", certificate => certificate.Thumbprint != first.Thumbprint);
        Write("");
        await UntilAsync(again, () => !Directory.Exists(Secret("one")));
        first.Dispose();
    }

    [Fact]
    public async Task What_the_operator_takes_back_counts_for_the_version_before_while_a_new_one_is_on_its_way()
    {
        Write(Outsider("one", "name: vm-2"));
        Policy("vm-*");
        await using var plane = await StartAsync();
        using var first = await CertificateAsync(plane, "one", _ => true);
        var template = Path.Combine(_plugins, "outside", "request.scriban");
        File.WriteAllText(template, File.ReadAllText(template).Replace("6h", "5h", StringComparison.Ordinal));
        await UntilAsync(plane, () => plane.Get<PluginsInForce>().Current.Staged.Count == 1);

        Policy("vm-1");
        await UntilAsync(plane, () => !Directory.Exists(Secret("one")));

        void Policy(string outside) => File.WriteAllText(Path.Combine(_plugins, "policy.yaml"),
            $"plugins:\n  outside: {{grants: [issue-certificates], rollout: {{bakeTime: 9h, steps: [{{namespaces: [elsewhere]}}]}}, certificates: {{outside: [{outside}], dnsNames: [\"*.edge.example.com\"], secrets: [edge/*]}}}}\n");
    }

    private Task<RunningControlPlane> StartAsync() => RunningControlPlane.StartAsync(_mesh, _time, options => (options.Plugins, options.PluginScanInterval) = (_plugins, TimeSpan.FromMilliseconds(100)));

    private static bool IssuedByMesh(RunningControlPlane plane, X509Certificate2 certificate) => plane.Get<MeshRoots>().IssuerOf(certificate) is not null;

    private string Secret(string name) => Path.Combine(_mesh.State, "secrets", "edge", name);

    private void Write(string objects) => _mesh.Write("outsiders.yaml", objects);

    private static string Outsider(string name, string spec) => $"---\napiVersion: test.osmext.io/v1\nkind: Outsider\nmetadata: {{name: {name}, namespace: osm-system}}\nspec: {{{spec}}}\n";

    // Null while there is none, or between two files of one change.
    private X509Certificate2? Read(string name)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(Path.Combine(Secret(name), "tls.crt"), Path.Combine(Secret(name), "tls.key"));
        }
        catch (Exception failure) when (failure is IOException or CryptographicException)
        {
            return null;
        }
    }

    private async Task<X509Certificate2> CertificateAsync(RunningControlPlane plane, string name, Func<X509Certificate2, bool> condition)
    {
        X509Certificate2? found = null;
        await UntilAsync(plane, () => (found = Read(name)) is not null && condition(found));
        return found!;
    }

    // Seconds of the control plane's clock pass, as far as anybody waits for them.
    private Task UntilAsync(RunningControlPlane plane, Func<bool> condition) => Wait.UntilAsync(async () =>
    {
        await PassAsync(plane, TimeSpan.FromSeconds(1));
        return condition();
    }, () => plane.Logs.Text);

    private async Task PassAsync(RunningControlPlane plane, TimeSpan time)
    {
        _time.Advance(time);
        await plane.SettledAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
    }
}
