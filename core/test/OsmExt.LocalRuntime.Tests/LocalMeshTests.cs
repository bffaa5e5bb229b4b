using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.Processes;
using OsmExt.LocalRuntime.State;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Resources;

namespace OsmExt.LocalRuntime.Tests;

[Collection(nameof(Machine))]
public sealed class LocalMeshTests
{
    private const string Sleep = "exec sleep 600";

    private static readonly Pod A = Objects.Pod("shop", "a", "10.244.0.1", "fd44::1");
    private static readonly Pod B = Objects.Pod("shop", "b", "10.244.0.2", "fd44::2");
    private static readonly Service Cart = Objects.Service("shop", "cart", 80, "10.96.0.10", "fd96::10");

    [PrivilegedFact]
    public async Task Pods_reach_each_other_by_address_by_name_and_through_virtual_addresses()
    {
        await using var mesh = await TestMesh.StartAsync();
        await mesh.ApplyAsync([A, B], [Cart], [Objects.Slice("shop", "cart", 8080, "10.244.0.1", "10.244.0.2", "fd44::2")]);
        var (a, b) = (mesh.Network("shop", "a"), mesh.Network("shop", "b"));
        using var serverA = await Greeter.StartAsync(a, 8080, "a");
        using var serverB = await Greeter.StartAsync(b, 8080, "b");
        using var serverB6 = await Greeter.StartAsync(b, 8080, "b6", IPAddress.IPv6Any);

        Assert.Equal("b", await Greeter.AskAsync(a, "10.244.0.2", 8080));
        Assert.Equal("b6", await Greeter.AskAsync(a, "fd44::2", 8080));
        Assert.Equal("b6", await Greeter.AskAsync(a, "fd96::10", 80));
        Assert.Equal("b", await Greeter.AskAsync(PodNetwork.OfNode(mesh.Name), "10.244.0.2", 8080));
        var answers = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            answers.Add(await Greeter.AskAsync(a, "cart.shop", 80));
        }

        // Both, so also the caller itself: a connection out of the pod and back into it.
        Assert.Equal(["a", "b"], answers.Order(StringComparer.Ordinal));

        await mesh.Mesh.UpdateServicesAsync([Cart], [Objects.Slice("shop", "cart", 8080, "10.244.0.2")], default);
        answers.Clear();
        for (var i = 0; i < 20; i++)
        {
            answers.Add(await Greeter.AskAsync(PodNetwork.OfNode(mesh.Name), "cart.shop", 80));
        }

        Assert.Equal(["b"], answers);
        await mesh.Mesh.UpdateServicesAsync([Cart], [], default);
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => Greeter.AskAsync(a, "cart", 80));
    }

    [PrivilegedFact]
    public async Task Programs_in_a_pod_resolve_names_and_see_new_ones_without_a_restart()
    {
        await using var mesh = await TestMesh.StartAsync();
        var asking = A.Running("ask", """
            while :; do
              for name in cart cart.shop.svc.cluster.local late.data nobody; do getent hosts $name || echo no $name; done
              sleep 0.1
            done
            """);
        await mesh.ApplyAsync([asking], [Cart]);
        await Wait.UntilAsync(() => mesh.Log("shop.a/ask.out").Contains("no nobody", StringComparison.Ordinal), "the first round");
        var pid = mesh.Pid("shop.a/ask");

        await mesh.Mesh.UpdateServicesAsync([Cart, Objects.Service("data", "late", 80, "10.96.0.77")], [], default);

        await Wait.UntilAsync(() => mesh.Log("shop.a/ask.out").Contains("10.96.0.77", StringComparison.Ordinal), "the new name");
        Assert.Matches("(?m)^(10.96.0.10|fd96::10) +cart.shop.svc.cluster.local", mesh.Log("shop.a/ask.out"));
        Assert.Contains("no late.data", mesh.Log("shop.a/ask.out"), StringComparison.Ordinal);
        Assert.Equal(pid, mesh.Pid("shop.a/ask"));
    }

    [PrivilegedFact]
    public async Task A_process_that_is_killed_is_started_again()
    {
        await using var mesh = await TestMesh.StartAsync(options => options with { ControlPlane = new("/bin/sh", ["-c", Sleep]) });
        await mesh.ApplyAsync([A.Running("app", Sleep)]);
        foreach (var name in (string[])["control-plane", "shop.a/app"])
        {
            await Wait.UntilAsync(() => mesh.Pid(name) > 0, $"{name} runs");
            var killed = mesh.Pid(name);
            Native.Kill(killed, Native.SigKill);

            await Wait.UntilAsync(() => mesh.Pid(name) is > 0 and var pid && pid != killed, $"{name} runs again");
            var status = mesh.Mesh.Processes.Single(process => process.Name == name);
            Assert.Equal((1, 137), (status.Restarts, status.LastExit));
            Assert.NotNull(status.LastEnded);
        }
    }

    [PrivilegedFact]
    public async Task A_container_has_its_own_environment_no_privilege_and_a_home()
    {
        await using var mesh = await TestMesh.StartAsync();
        var pod = A.Running("app", """
            touch "$HOME/x" && echo "$(id -u):$(id -g) $SECRET $HOSTNAME ${PATH:+path} [$OUTER] $(grep CapBnd /proc/self/status | tr -d '\t')"
            exec sleep 600
            """);
        Environment.SetEnvironmentVariable("OUTER", "must not be seen");

        await mesh.ApplyAsync([pod with { Containers = [pod.Containers[0] with { Environment = LabelSet.From([new("SECRET", "s")]) }] }]);

        await Wait.UntilAsync(() => mesh.Log("shop.a/app.out").Contains('\n', StringComparison.Ordinal), "the container says something");
        Assert.Equal("65534:65534 s a path [] CapBnd:0000000000000000\n", mesh.Log("shop.a/app.out"));
    }

    [PrivilegedFact]
    public async Task Applying_changes_only_what_changed()
    {
        await using var mesh = await TestMesh.StartAsync();
        var (a, b) = (A.Running("app", Sleep), B.Running("app", Sleep));
        await mesh.ApplyAsync([a, b]);
        await Wait.UntilAsync(() => mesh.Pid("shop.a/app") > 0 && mesh.Pid("shop.b/app") > 0, "both run");
        var (pidA, pidB) = (mesh.Pid("shop.a/app"), mesh.Pid("shop.b/app"));

        // Labels of b change, a's program does, and c takes over an address.
        var c = Objects.Pod("shop", "c", "10.244.0.3").Running("app", Sleep);
        var changedA = a with { Containers = [a.Containers[0] with { Arguments = ["more"] }] };
        var labelledB = b with { Metadata = b.Metadata with { Labels = LabelSet.From([new("x", "y")]) } };
        await mesh.ApplyAsync([changedA, labelledB, c]);
        Assert.Equal(pidB, mesh.Pid("shop.b/app"));
        Assert.NotEqual(pidA, mesh.Pid("shop.a/app"));
        Assert.Null(ProcessStamp.Of(pidA));

        await mesh.ApplyAsync([b, Objects.Pod("shop", "d", "10.244.0.3")]);
        Assert.Equal(["shop.b/app"], mesh.Mesh.Processes.Select(process => process.Name));
        Assert.False(mesh.Network("shop", "a").Exists);
        Assert.True(mesh.Network("shop", "d").Exists);
        using var server = await Greeter.StartAsync(mesh.Network("shop", "d"), 8080, "d");
        Assert.Equal("d", await Greeter.AskAsync(mesh.Network("shop", "b"), "10.244.0.3", 8080));
    }

    [PrivilegedFact]
    public async Task A_pod_without_an_ipv6_address_has_no_ipv6_on_its_link()
    {
        // Else a neighbour's link-local address would be a way around IPv4 rules.
        await using var mesh = await TestMesh.StartAsync();
        await mesh.ApplyAsync([A, Objects.Pod("shop", "four", "10.244.0.4")]);

        Assert.Matches("eth0", await LinksAsync(mesh.Network("shop", "a")));
        Assert.DoesNotMatch("eth0", await LinksAsync(mesh.Network("shop", "four")));

        static Task<string> LinksAsync(PodNetwork network) => NamespaceThread.RunAsync(network.Name, () => File.ReadAllText("/proc/thread-self/net/if_inet6"));
    }

    [PrivilegedFact]
    public async Task A_pod_on_the_node_s_network_serves_there()
    {
        await using var mesh = await TestMesh.StartAsync();
        await mesh.ApplyAsync([A, Objects.Pod("shop", "agent").Running("app", Sleep) with { HostNetwork = true }]);
        await Wait.UntilAsync(() => mesh.Pid("shop.agent/app") > 0, "it runs");
        using var server = await Greeter.StartAsync(PodNetwork.OfNode(mesh.Name), 8080, "node");
        using var server6 = await Greeter.StartAsync(PodNetwork.OfNode(mesh.Name), 8080, "node6", IPAddress.IPv6Any);

        Assert.Equal("node", await Greeter.AskAsync(mesh.Network("shop", "a"), LocalMeshOptions.DefaultNodeAddress, 8080));
        Assert.Equal("node6", await Greeter.AskAsync(mesh.Network("shop", "a"), LocalMeshOptions.DefaultNodeAddressV6, 8080));
        await mesh.ApplyAsync([A]);
        Assert.Empty(mesh.Mesh.Processes);
    }

    [PrivilegedFact]
    public async Task Meshes_with_the_same_pods_and_addresses_run_side_by_side()
    {
        await using var first = await TestMesh.StartAsync();
        await using var second = await TestMesh.StartAsync();
        foreach (var mesh in (TestMesh[])[first, second])
        {
            await mesh.ApplyAsync([A, B]);
        }

        using var server1 = await Greeter.StartAsync(first.Network("shop", "b"), 8080, "first");
        using var server2 = await Greeter.StartAsync(second.Network("shop", "b"), 8080, "second");

        Assert.Equal("first", await Greeter.AskAsync(first.Network("shop", "a"), "10.244.0.2", 8080));
        Assert.Equal("second", await Greeter.AskAsync(second.Network("shop", "a"), "10.244.0.2", 8080));
    }

    [PrivilegedFact]
    public async Task What_a_crashed_run_left_is_removed_and_nothing_else()
    {
        using var directory = new TemporaryDirectory();
        var mesh = TestMesh.NextName();
        var (node, pod) = (NetworkNames.Node(mesh), NetworkNames.Pod(mesh, "shop", "a"));
        var madeDirectory = !Directory.Exists(NetworkNamespaces.FilesDirectory);
        await NetworkNamespaces.AddAsync(node, default);
        await NetworkNamespaces.AddAsync(pod, default);
        NetworkNamespaces.SetHosts(pod, "127.0.0.1 localhost\n");
        using var left = System.Diagnostics.Process.Start("setsid", ["ip", "netns", "exec", pod, "sh", "-c", "sleep 600 & wait"]);
        using var innocent = System.Diagnostics.Process.Start("sleep", ["600"]);
        var stamp = ProcessStamp.Of(left.Id)!.Value;
        // The innocent process has the number of one of the run's, but not its start time.
        new RunState(mesh, RunState.CurrentBoot(), new(int.MaxValue, 1))
        {
            MadeFilesDirectory = madeDirectory,
            Namespaces = [node, pod, NetworkNames.Pod(mesh, "shop", "never-made")],
            Processes = [stamp, ProcessStamp.Of(innocent.Id)!.Value with { Started = 1 }],
        }.Save(directory.Path);
        directory.Write("files/shop.a/proxy/key", "credential");

        Assert.True(await LocalMesh.CleanAsync(directory.Path, TimeProvider.System, NullLogger.Instance, default));

        Assert.Equal([], TestMesh.Left(mesh));
        var files = new DirectoryInfo(NetworkNamespaces.FilesDirectory);
        Assert.False(madeDirectory && files.Exists && files.GetFileSystemInfos() is []);
        Assert.False(Directory.Exists(Path.Join(directory.Path, "files")));
        await Wait.UntilAsync(() => left.HasExited, "the process is gone");
        Assert.False(innocent.HasExited);
        Assert.False(await LocalMesh.CleanAsync(directory.Path, TimeProvider.System, NullLogger.Instance, default));

        // After the machine restarted, even number and start time can be those of another process.
        new RunState(mesh, "another boot", new(int.MaxValue, 1)) { Processes = [ProcessStamp.Of(innocent.Id)!.Value] }.Save(directory.Path);
        Assert.True(await LocalMesh.CleanAsync(directory.Path, TimeProvider.System, NullLogger.Instance, default));
        Assert.False(innocent.HasExited);
        innocent.Kill();
    }

    [PrivilegedFact]
    public async Task A_namespace_of_somebody_else_is_left_alone()
    {
        using var directory = new TemporaryDirectory();
        var mesh = TestMesh.NextName();
        await NetworkNamespaces.AddAsync(NetworkNames.Node(mesh), default);
        try
        {
            var failure = await Assert.ThrowsAsync<InvalidOperationException>(
                () => LocalMesh.StartAsync(TestMesh.Options(mesh, directory.Path), TimeProvider.System, NullLogger.Instance, default));

            Assert.StartsWith($"There already is a network namespace 'osm.{mesh}'", failure.Message, StringComparison.Ordinal);
            Assert.True(NetworkNamespaces.Exists(NetworkNames.Node(mesh)));
        }
        finally
        {
            await NetworkNamespaces.DeleteAsync(NetworkNames.Node(mesh), default);
        }
    }
}
