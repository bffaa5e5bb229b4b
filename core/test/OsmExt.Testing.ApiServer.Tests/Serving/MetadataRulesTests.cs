using k8s;

namespace OsmExt.Testing.ApiServer.Tests.Serving;

public class MetadataRulesTests
{
    [Theory]
    [InlineData("{kind: ConfigMap, metadata: {name: Shop_1}}", "a lowercase RFC 1123 subdomain")]
    [InlineData("{kind: Secret, metadata: {name: a.b, labels: {app: -x}}}", "a valid label must be an empty string or")]
    [InlineData("{kind: Secret, metadata: {name: a.b, labels: {'a/b/c': x}}}", "name part must consist of alphanumeric characters")]
    [InlineData("{kind: Service, metadata: {name: a.b}}", "a lowercase RFC 1123 label")]
    public async Task A_name_that_is_none_is_refused(string value, string why)
    {
        await using var server = await ApiServer.StartAsync();
        using var client = new ApiClient(server);
        var kind = value[7..value.IndexOf(',', StringComparison.Ordinal)];
        Assert.Contains(why, (await client.PostAsync($"/api/v1/namespaces/default/{kind.ToLowerInvariant()}s", value.Replace("{kind", "{apiVersion: v1, kind", StringComparison.Ordinal))).Expect(422).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_keeps_its_address_and_a_namespace_its_finalizer()
    {
        await using var server = await ApiServer.StartAsync();
        using var client = ClientTests.Connect(server);
        var made = await client.CoreV1.CreateNamespacedServiceAsync(new() { Metadata = new() { Name = "web" }, Spec = new() { Ports = [new() { Port = 80 }] } }, "default");
        made.Spec.ClusterIP = null;
        made.Spec.ClusterIPs = null;
        made.Spec.Ports[0].Port = 81;
        var changed = await client.CoreV1.ReplaceNamespacedServiceAsync(made, "web", "default");
        Assert.Matches(@"^10\.96\.", changed.Spec.ClusterIP);
        var space = await client.CoreV1.ReadNamespaceAsync("default");
        space.Spec = null;
        Assert.Equal(["kubernetes"], (await client.CoreV1.ReplaceNamespaceAsync(space, "default")).Spec.Finalizers);
    }
}
