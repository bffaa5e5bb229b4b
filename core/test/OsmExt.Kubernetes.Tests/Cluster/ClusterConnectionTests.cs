using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Cluster;
using OsmExt.TestedKubernetes;

namespace OsmExt.Kubernetes.Tests.Cluster;

/// <summary>Clusters are found as kubectl finds them.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ClusterConnectionTests : IDisposable
{
    private readonly KubeconfigDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_home_directory_has_the_file_that_counts_where_nothing_else_is_said()
    {
        _directory.Write(".kube/config", KubeconfigDirectory.Simple);

        var found = await _directory.FindAsync();

        Assert.Equal(("prod", "shop", "https://prod.example:6443", "secret"), (found.Context, found.Namespace, found.Configuration.Host, found.Configuration.AccessToken));
        Assert.Equal("the cluster of context \"prod\"", found.Name);
    }

    [Fact]
    public async Task Several_files_are_merged_and_the_first_that_has_a_name_counts()
    {
        var first = _directory.Write("a/config", "current-context: test\nclusters: [{name: test, cluster: {server: 'https://a:1', certificate-authority: ca.crt}}]\n");
        _directory.Write("a/ca.crt", Certificate().ExportCertificatePem());
        var second = _directory.Write("b/config", """
            current-context: other
            clusters: [{name: test, cluster: {server: 'https://b:2'}}]
            contexts: [{name: test, context: {cluster: test, user: dev}}]
            users: [{name: dev, user: {tokenFile: token}}]
            """);
        _directory.Write("b/token", " from-file \n");
        _directory.Variables["KUBECONFIG"] = $"{first}:{_directory.Root}/absent::{second}";

        var found = await _directory.FindAsync();

        Assert.Equal(("test", "default", "https://a:1"), (found.Context, found.Namespace, found.Configuration.Host));
        Assert.Single(found.Configuration.SslCaCerts);
        Assert.Equal("Bearer from-file", await HeaderAsync(found));
    }

    [Fact]
    public async Task A_file_that_is_named_is_the_only_one_and_must_exist()
    {
        _directory.Variables["KUBECONFIG"] = _directory.Write("config", KubeconfigDirectory.Simple);

        var message = (await Assert.ThrowsAsync<ClusterConnectionException>(() => _directory.FindAsync($"{_directory.Root}/absent"))).Message;

        Assert.Contains($"{_directory.Root}/absent cannot be read", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_uses_its_service_account()
    {
        _directory.Write("token", "mine");
        _directory.Write("namespace", "osm-system");
        _directory.Write("ca.crt", Certificate().ExportCertificatePem());
        (_directory.Variables["KUBERNETES_SERVICE_HOST"], _directory.Variables["KUBERNETES_SERVICE_PORT"]) = ("fd00::1", "443");

        var found = await _directory.FindAsync();

        Assert.Equal((null, "osm-system", "https://[fd00::1]"), (found.Context, found.Namespace, found.Configuration.Host));
        Assert.Equal("Bearer mine", await HeaderAsync(found));
    }

    [Fact]
    public async Task Where_there_is_nothing_it_says_where_it_looked()
    {
        var message = (await Assert.ThrowsAsync<ClusterConnectionException>(() => _directory.FindAsync())).Message;

        Assert.False(ClusterConnection.IsThere(_directory.Options));
        Assert.Contains($"there is no {_directory.Root}/.kube/config", message, StringComparison.Ordinal);
        Assert.Contains("--kubeconfig or KUBECONFIG", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("current-context: prod", "current-context: prdo", "config: there is no context \"prdo\", which current-context names; did you mean \"prod\"?")]
    [InlineData("current-context: prod", "", "config: current-context is not set; choose a context with --context, or kubectl config use-context; there are prod")]
    [InlineData("cluster: prod,", "cluster: prd,", "config:9: context \"prod\": cluster names \"prd\", and there is no such cluster; did you mean \"prod\"?")]
    [InlineData("cluster: prod, ", "", "config:9: context \"prod\": cluster is missing")]
    [InlineData("user: admin", "user: nobody", "config:9: context \"prod\": user names \"nobody\", and there is no such user")]
    [InlineData("https://prod.example:6443", "prod.example:6443", "config:6: cluster \"prod\": server is no address of an API server; write https://HOST:PORT")]
    [InlineData("{server: \"https://prod.example:6443\"}", "{}", "config:6: cluster \"prod\": server is missing")]
    [InlineData("6443\"}", "6443\", insecure-skip-tls-verify: maybe}", "config:6: cluster \"prod\": insecure-skip-tls-verify must be true or false")]
    [InlineData("6443\"}", "6443\", certificate-authority-data: '*'}", "config:6: cluster \"prod\": certificate-authority-data is not base64")]
    [InlineData("6443\"}", "6443\", certificate-authority: absent.crt}", "config:6: cluster \"prod\": certificate-authority names ")]
    [InlineData("6443\"}", "6443\", proxy-url: 'ftp://x'}", "config:6: cluster \"prod\": proxy-url is no address of a proxy")]
    [InlineData("token: secret", "client-certificate-data: eA==", "config:12: user \"admin\": client-key is missing beside the other of the two")]
    [InlineData("token: secret", "client-certificate-data: eA==, client-key-data: eA==", "config:12: user \"admin\": client-certificate cannot be used with its key")]
    [InlineData("token: secret", "auth-provider: {name: gcp}", "config:12: user \"admin\": auth-provider is no longer in use")]
    [InlineData("token: secret", "as-uid: x", "config:12: user \"admin\": as is missing")]
    [InlineData("users:", "users: }", "config:10: ")]
    [InlineData("- name: admin", "- nam: admin", "config:11: kubeconfig: users[0]: name is missing")]
    public async Task What_cannot_be_used_is_said_with_file_and_line_and_field(string from, string to, string expected)
        => Assert.Contains(expected, await _directory.RefusalAsync(KubeconfigDirectory.Simple.Replace(from, to, StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public async Task A_context_may_be_chosen_and_a_mistyped_one_is_explained()
    {
        var file = _directory.Write("config", KubeconfigDirectory.Simple);

        Assert.Equal("prod", (await _directory.FindAsync(file, "prod")).Context);
        var message = (await Assert.ThrowsAsync<ClusterConnectionException>(() => _directory.FindAsync(file, "Prod"))).Message;
        Assert.Contains("there is no context \"Prod\"; did you mean \"prod\"?", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_is_read_from_files_beside_the_kubeconfig()
    {
        using var certificate = Certificate();
        _directory.Write("client.crt", certificate.ExportCertificatePem());
        _directory.Write("client.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var file = _directory.Write("config", KubeconfigDirectory.Simple.Replace("token: secret", "client-certificate: client.crt, client-key: ./client.key", StringComparison.Ordinal));

        var found = await _directory.FindAsync(file);

        Assert.Equal(certificate.ExportCertificatePem(), Encoding.ASCII.GetString(Convert.FromBase64String(found.Configuration.ClientCertificateData)));
        found.CreateClient().Dispose();
    }

    [Fact]
    public async Task Whoever_is_acted_for_is_in_every_request()
    {
        var file = _directory.Write("config", KubeconfigDirectory.Simple.Replace(
            "token: secret", "token: secret, as: jane, as-groups: [a, b], as-user-extra: {'example.org/x': [y]}", StringComparison.Ordinal));

        Assert.Equal(
            ["Impersonate-User=jane", "Impersonate-Group=a", "Impersonate-Group=b", "Impersonate-Extra-example.org%2Fx=y"],
            (await _directory.FindAsync(file)).Impersonation.Select(header => $"{header.Key}={header.Value}"));
    }

    [KubernetesToolsFact]
    public async Task Kubectl_reads_the_same_from_the_same_files()
    {
        var first = _directory.Write("a/config", "clusters: [{name: test, cluster: {server: 'https://a:1', certificate-authority: ca.crt, tls-server-name: api}}]\nusers: [{name: dev, user: {token: first}}]\n");
        _directory.Write("a/ca.crt", Certificate().ExportCertificatePem());
        var second = _directory.Write("b/config", """
            current-context: other
            clusters: [{name: test, cluster: {server: 'https://b:2'}}]
            contexts: [{name: other, context: {cluster: test, user: dev, namespace: shop}}]
            users: [{name: dev, user: {token: second}}]
            """);
        _directory.Variables["KUBECONFIG"] = $"{first}:{_directory.Root}/absent:{second}";

        var theirs = JsonNode.Parse(await KubernetesTools.RunAsync(
            "kubectl", ["config", "view", "--minify", "--raw", "--flatten", "-o", "json"], new Dictionary<string, string>(_directory.Variables) { ["HOME"] = _directory.Root }))!;
        var ours = await _directory.FindAsync();

        var (cluster, context) = (theirs["clusters"]![0]!["cluster"]!, theirs["contexts"]![0]!);
        Assert.Equal((string)cluster["server"]!, ours.Configuration.Host);
        Assert.Equal((string)cluster["tls-server-name"]!, ours.Configuration.TlsServerName);
        Assert.Equal((string)theirs["users"]![0]!["user"]!["token"]!, ours.Configuration.AccessToken);
        Assert.Equal(((string)context["name"]!, (string)context["context"]!["namespace"]!), (ours.Context, ours.Namespace));
        Assert.Equal(Encoding.ASCII.GetString(Convert.FromBase64String((string)cluster["certificate-authority-data"]!)), ours.Configuration.SslCaCerts.Single().ExportCertificatePem());
    }

    internal static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var start = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=someone", key, HashAlgorithmName.SHA256).CreateSelfSigned(start.AddHours(-1), start.AddHours(1));
    }

    internal static async Task<string> HeaderAsync(ClusterConnection connection)
        => ((AuthenticationHeaderValue)await connection.Configuration.TokenProvider.GetAuthenticationHeaderAsync(CancellationToken.None)).ToString();
}
