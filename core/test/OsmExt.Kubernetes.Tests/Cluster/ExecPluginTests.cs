using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Kubernetes.Tests.Cluster;

/// <summary>Credential plugins, as real programs.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ExecPluginTests : IDisposable
{
    private const string Answer = """{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": """;
    private readonly KubeconfigDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Its_token_is_used_until_it_ends_and_then_asked_for_again()
    {
        _directory.WriteScript("login", $$$"""
            echo x >> {{{_directory.Root}}}/calls
            printf '%s{"token": "%s-%s", "expirationTimestamp": "2026-01-01T01:00:00Z"}}' '{{{Answer}}}' "$1" "$REGION"
            """);

        var found = await FindAsync("command: ./login, args: [eu], env: [{name: REGION, value: west}]");

        Assert.Equal("Bearer eu-west", await ClusterConnectionTests.HeaderAsync(found));
        _time.Advance(TimeSpan.FromMinutes(50));
        await ClusterConnectionTests.HeaderAsync(found);
        Assert.Single(File.ReadAllLines($"{_directory.Root}/calls"));
        _time.Advance(TimeSpan.FromMinutes(10));
        await ClusterConnectionTests.HeaderAsync(found);
        Assert.Equal(2, File.ReadAllLines($"{_directory.Root}/calls").Length);
    }

    [Fact]
    public async Task It_is_told_which_cluster_and_that_nobody_is_there()
    {
        _directory.WriteScript("login", $$$"""
            printf '%s' "$KUBERNETES_EXEC_INFO" > {{{_directory.Root}}}/asked
            printf '%s{"token": "t"}}' '{{{Answer}}}'
            """);

        await FindAsync("command: ./login, provideClusterInfo: true, interactiveMode: IfAvailable");

        var asked = JsonNode.Parse(File.ReadAllText($"{_directory.Root}/asked"))!;
        Assert.Equal(("ExecCredential", false, "https://prod.example:6443"), ((string)asked["kind"]!, (bool)asked["spec"]!["interactive"]!, (string)asked["spec"]!["cluster"]!["server"]!));
    }

    [Fact]
    public async Task It_may_give_a_client_certificate()
    {
        using var certificate = ClusterConnectionTests.Certificate();
        _directory.Write("answer", new JsonObject
        {
            ["apiVersion"] = "client.authentication.k8s.io/v1", ["kind"] = "ExecCredential",
            ["status"] = new JsonObject
            {
                ["clientCertificateData"] = certificate.ExportCertificatePem(),
                ["clientKeyData"] = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!.ExportPkcs8PrivateKeyPem(),
            },
        }.ToJsonString());

        var found = await FindAsync($"command: cat, args: [{_directory.Root}/answer]");

        Assert.NotEmpty(found.Configuration.ClientCertificateData);
        Assert.Null(found.Configuration.TokenProvider);
    }

    [Theory]
    [InlineData("command: osm-no-such-program, installHint: 'Get it from example.org.'", "osm-no-such-program cannot be run: ", "Get it from example.org.")]
    [InlineData("command: 'false'", "false failed with exit code 1", "Log in again")]
    [InlineData("command: echo, args: [hello]", "command printed no ExecCredential", "")]
    [InlineData("command: echo, args: ['{}']", "must print an ExecCredential of client.authentication.k8s.io/v1", "")]
    [InlineData("command: ./login, interactiveMode: Always", "interactiveMode is Always, and standard input is no terminal", "terminal")]
    [InlineData("args: [x]", "command is missing", "")]
    public async Task What_goes_wrong_is_said_with_what_to_do(string exec, string problem, string advice)
    {
        var message = (await Assert.ThrowsAsync<ClusterConnectionException>(() => FindAsync(exec))).Message;

        Assert.Contains("user \"admin\": exec: ", message, StringComparison.Ordinal);
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.Contains(advice, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_nobody_serves_any_more_are_refused()
        => Assert.Contains("\"client.authentication.k8s.io/v1alpha1\" is not understood", await _directory.RefusalAsync(KubeconfigDirectory.Simple.Replace(
            "token: secret", "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}", StringComparison.Ordinal)), StringComparison.Ordinal);

    private Task<ClusterConnection> FindAsync(string exec)
    {
        var file = _directory.Write("config", KubeconfigDirectory.Simple.Replace("token: secret", $"exec: {{apiVersion: client.authentication.k8s.io/v1, {exec}}}", StringComparison.Ordinal));
        return ClusterConnection.FindAsync(_directory.Options with { Kubeconfig = file, Time = _time }, CancellationToken.None);
    }
}
