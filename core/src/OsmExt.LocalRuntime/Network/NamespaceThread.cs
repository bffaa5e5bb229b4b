using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace OsmExt.LocalRuntime.Network;

/// <summary>
/// Runs a short piece of synchronous code inside a network namespace. A socket made there belongs to the namespace for good and
/// can be used from anywhere.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class NamespaceThread
{
    private const string Current = "/proc/thread-self/ns/net";

    public static Task<T> RunAsync<T>(string networkNamespace, Func<T> inside)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Run(networkNamespace, inside, result)) { IsBackground = true, Name = "network namespace" }.Start();
        return result.Task;
    }

    // A thread that another one starts begins in its maker's namespace, and completing a task can have any consequence: so the
    // thread is back home before it says anything to the rest of the process.
    private static void Run<T>(string networkNamespace, Func<T> inside, TaskCompletionSource<T> result)
    {
        T value;
        try
        {
            using var home = File.OpenHandle(Current);
            using var target = Open(networkNamespace);
            Native.EnterNetwork(target);
            try
            {
                value = inside();
            }
            finally
            {
                GoHome(home);
            }
        }
        catch (Exception e)
        {
            result.SetException(e);
            return;
        }

        result.SetResult(value);
    }

    private static void GoHome(SafeFileHandle home)
    {
        try
        {
            Native.EnterNetwork(home);
        }
        catch (IOException e)
        {
            // Going on would let parts of this process live in the pod's network unnoticed.
            Environment.FailFast("A thread could not return from a pod's network.", e);
        }
    }

    private static SafeFileHandle Open(string networkNamespace)
    {
        var path = Path.Join(NetworkNamespaces.Directory, networkNamespace);
        return File.Exists(path)
            ? File.OpenHandle(path)
            : throw new IOException($"There is no network namespace '{networkNamespace}'; the pod is not running.");
    }
}
